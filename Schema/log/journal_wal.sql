-- Turns the write-ahead log on; answers 'wal', or another mode where the file system cannot.
PRAGMA journal_mode = WAL;
