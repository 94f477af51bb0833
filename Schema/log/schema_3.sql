-- Schema 3: what is new since schema 2, run once over a database of it, in one transaction with views_3.sql.
PRAGMA user_version = 3;

-- One row for every minute, hour and day (UTC) with a request, told by its key and so by the order of commits. Summaries
-- outlive the rows that they stand for, and two of them merge: counters by addition, sketches as their formats say.
CREATE TABLE rollup (
    id              INTEGER PRIMARY KEY,    -- tier << 40 | first second since 1970 UTC; tier: 0 minute, 1 hour, 2 day
    requests        INTEGER NOT NULL,
    without_status  INTEGER NOT NULL,       -- requests without an answer
    status_1xx      INTEGER NOT NULL,
    status_2xx      INTEGER NOT NULL,
    status_3xx      INTEGER NOT NULL,
    status_4xx      INTEGER NOT NULL,
    status_5xx      INTEGER NOT NULL,
    aborted         INTEGER NOT NULL,
    timeout         INTEGER NOT NULL,
    crashed         INTEGER NOT NULL,
    killed          INTEGER NOT NULL,
    shed            INTEGER NOT NULL,
    bytes_in        INTEGER NOT NULL,
    bytes_out       INTEGER NOT NULL,
    duration_us     INTEGER NOT NULL,       -- the sum of all durations
    duration_max_us INTEGER NOT NULL,
    latency         BLOB NOT NULL,          -- a histogram of the durations
    clients         BLOB NOT NULL           -- a sketch of the different clients
) STRICT;

-- The keys with the most requests of an hour or a day: paths, clients and so on, all of a kind in one row.
CREATE TABLE top (
    id    INTEGER PRIMARY KEY,              -- id of the row in rollup << 4 | kind
    lines BLOB NOT NULL
) STRICT;

-- Which rows are summed up: those from the key `summed_from` on, before `summed_minute` in the minutes, and likewise in
-- hours and days. Rows of earlier schemas are summed up later, from the newest to the oldest.
INSERT INTO meta (key, value)
SELECT column1, (SELECT coalesce(max(id) + 1, 0) FROM access)
FROM (VALUES ('summed_from'), ('summed_minute'), ('summed_hour'), ('summed_day'));
