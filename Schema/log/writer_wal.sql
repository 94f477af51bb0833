-- The write-ahead log, for a writer that does its own checkpoints; 64 MiB is what is left of its file after one.
PRAGMA synchronous = NORMAL;
PRAGMA wal_autocheckpoint = 0;
PRAGMA journal_size_limit = 67108864;
