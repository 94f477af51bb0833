-- A dictionary as it is since schema 4: without an index over its texts. That held each text a second time, and a new
-- text changed a page of it anywhere: three quarters of all bytes written. The one writer knows the texts itself.
CREATE TABLE texts (id INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO texts (id, value) SELECT id, value FROM $dictionary;
DROP TABLE $dictionary;
CREATE TABLE $dictionary (id INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO $dictionary (id, value) SELECT id, value FROM texts;
DROP TABLE texts;
