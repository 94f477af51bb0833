-- What every reading connection sets first: no statement of it may write, and it may keep 1 MiB of pages. A scan needs
-- each page once, and pages that are used again and again stay near the processor; texts that were looked up are kept
-- by who asked for them.
PRAGMA query_only = 1;
PRAGMA cache_size = -1024;
