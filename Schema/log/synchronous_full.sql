-- Every commit waits for the disk: a row survives also a power cut.
PRAGMA synchronous = FULL;
