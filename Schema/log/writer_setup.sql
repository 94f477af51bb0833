-- What the writing connection sets first; page_size and auto_vacuum count only while the file has no table.
PRAGMA page_size = 8192;
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -16384;
