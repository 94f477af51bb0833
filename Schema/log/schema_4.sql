-- Schema 4: what is new since schema 3, run once over a database of it, in one transaction.
PRAGMA user_version = 4;

-- Dictionaries without an index over their texts. It held each text a second time, and a new text changed a page of it
-- anywhere: three quarters of all bytes written. The one writer knows the texts itself.
CREATE TABLE texts (id INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;

INSERT INTO texts (id, value) SELECT id, value FROM path;
DROP TABLE path;
CREATE TABLE path (id INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO path (id, value) SELECT id, value FROM texts;
DELETE FROM texts;

INSERT INTO texts (id, value) SELECT id, value FROM host;
DROP TABLE host;
CREATE TABLE host (id INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO host (id, value) SELECT id, value FROM texts;
DELETE FROM texts;

INSERT INTO texts (id, value) SELECT id, value FROM client;
DROP TABLE client;
CREATE TABLE client (id INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO client (id, value) SELECT id, value FROM texts;
DELETE FROM texts;

INSERT INTO texts (id, value) SELECT id, value FROM referer;
DROP TABLE referer;
CREATE TABLE referer (id INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO referer (id, value) SELECT id, value FROM texts;
DELETE FROM texts;

INSERT INTO texts (id, value) SELECT id, value FROM agent;
DROP TABLE agent;
CREATE TABLE agent (id INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO agent (id, value) SELECT id, value FROM texts;
DELETE FROM texts;

INSERT INTO texts (id, value) SELECT id, value FROM message;
DROP TABLE message;
CREATE TABLE message (id INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO message (id, value) SELECT id, value FROM texts;
DELETE FROM texts;

DROP TABLE texts;

-- What the log says of itself is looked for by each report, and is rare among messages.
CREATE INDEX error_without_request ON error (id) WHERE request_id IS NULL;
