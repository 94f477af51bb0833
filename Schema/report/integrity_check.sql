-- Whether the pages fit together, and the indexes their tables; the first contradictions only.
PRAGMA integrity_check(5);
