-- The key given last, while keys run behind those of a time before the clock was set back.
SELECT value FROM meta WHERE key = 'last_id';
