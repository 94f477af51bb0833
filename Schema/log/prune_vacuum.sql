-- Gives some of the pages that hold nothing back to the file system.
PRAGMA incremental_vacuum(128);
