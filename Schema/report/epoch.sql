-- The number of times that keys had to begin again because the clock was set back; NULL before the first.
SELECT value FROM meta WHERE key = 'epoch';
