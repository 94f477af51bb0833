-- How far rows are summed up in a tier.
SELECT value FROM meta WHERE key = ?1;
