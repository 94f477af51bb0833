-- The form of a new file. Only for a file without a table: setting auto_vacuum writes to any other.
PRAGMA page_size = 8192;
PRAGMA auto_vacuum = INCREMENTAL;
