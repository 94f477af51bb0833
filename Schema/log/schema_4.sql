-- Schema 4: what is new since schema 3, run once over a database of it, in one transaction with dictionary_4.sql for
-- each dictionary.
PRAGMA user_version = 4;

-- What the log says of itself is looked for by each report, and is rare among messages.
CREATE INDEX error_without_request ON error (id) WHERE request_id IS NULL;
