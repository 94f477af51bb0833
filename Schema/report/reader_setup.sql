-- What every reading connection sets first: no statement of it may write, and it may keep 8 MiB of pages: a scan
-- needs each page once, and the texts of a usual log fit.
PRAGMA query_only = 1;
PRAGMA cache_size = -8192;
