-- Marks the file as an access log of schema 1; "BHTS" in ASCII.
PRAGMA application_id = 1112036435;
PRAGMA user_version = 1;
