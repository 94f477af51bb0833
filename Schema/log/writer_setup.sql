-- What the writing connection sets first, before it knows what the file is: nothing that would be written to it.
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -16384;
