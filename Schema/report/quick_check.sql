-- Whether the pages of the database fit together, the first contradictions only.
PRAGMA quick_check(5);
