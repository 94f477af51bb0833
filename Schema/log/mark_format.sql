-- Marks the file as an access log of this schema; "BHTS" in ASCII.
PRAGMA application_id = 1112036435;
PRAGMA user_version = 1;
