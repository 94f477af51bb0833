-- What every reading connection sets first: no statement of it may write, and a scan may keep 64 MiB of pages.
PRAGMA query_only = 1;
PRAGMA cache_size = -65536;
