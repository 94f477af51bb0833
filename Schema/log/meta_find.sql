-- A value of the log's own.
SELECT value FROM meta WHERE key = ?1;
