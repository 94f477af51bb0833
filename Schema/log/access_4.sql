-- Table access as it is since schema 4: the same columns in less bytes. Run where it has no rows yet; a log that was
-- begun before keeps the table of schema_1.sql, which is written and read as well.
DROP TABLE access;

-- One row for every request that was begun. What is behind the stored columns follows from them. All of that is worked
-- out whenever a row is stored, so it calls no function for the usual row.
CREATE TABLE access (
    id          INTEGER PRIMARY KEY,
    facts       INTEGER NOT NULL,       -- from the lowest bit: 10 status, 3 outcome, 3 protocol (1 to 5 for HTTP/0.9,
                                        -- 1.0, 1.1, 2, 3), 4 flags, 19 worker + 1, 8 signal
    connection  INTEGER NOT NULL,       -- number of the connection in the life of its worker
    host        ANY,
    path        ANY,
    query       TEXT,                   -- without the question mark; NULL: none
    client      ANY,
    referer     ANY,
    agent       ANY,
    received    INTEGER NOT NULL,       -- from the lowest bit: 4 method (0 GET, 1 POST and so on, see below; 14: none;
                                        -- 15: its text is in rest), then the bytes of head and body
    bytes_out   INTEGER NOT NULL,       -- head and body as handed to the kernel
    duration_us INTEGER NOT NULL,       -- from the head's last byte to the answer's last byte
    rest        ANY,                    -- sending_us: from the answer's first byte to its last one; NULL: no byte left.
                                        -- A row that is not the usual one has a JSON array of up to four here:
                                        -- sending_us, late_us, request_id (NULL: the usual one), method
    late_us    INTEGER GENERATED ALWAYS AS (         -- (id >> 8) minus the true completion time
        CASE WHEN rest >= '' THEN json_extract(rest, '$[1]') ELSE 0 END) VIRTUAL,
    -- 63 bits, unique for this database; usually the start in microseconds since 2020, 11 bits of the worker and one
    -- that differs between a server and its upgrade; of an imported request (worker -1) the key.
    request_id INTEGER GENERATED ALWAYS AS (
        CASE WHEN rest >= '' AND json_extract(rest, '$[2]') IS NOT NULL THEN json_extract(rest, '$[2]')
        WHEN (facts >> 20) & 0x7ffff
        THEN (((id >> 8) - late_us - duration_us) << 12) | (((facts >> 19) & 0xfffff) - 2)
        ELSE id END) VIRTUAL,
    worker     INTEGER GENERATED ALWAYS AS (((facts >> 20) & 0x7ffff) - 1) VIRTUAL,
    method_number ANY GENERATED ALWAYS AS (          -- or the text of one that has no number
        CASE WHEN received & 15 < 14 THEN received & 15 WHEN received & 15 = 15 THEN json_extract(rest, '$[3]') END)
        VIRTUAL,
    method     TEXT GENERATED ALWAYS AS (CASE method_number
        WHEN 0 THEN 'GET' WHEN 1 THEN 'POST' WHEN 2 THEN 'HEAD' WHEN 3 THEN 'PUT' WHEN 4 THEN 'DELETE'
        WHEN 5 THEN 'OPTIONS' WHEN 6 THEN 'PATCH' WHEN 7 THEN 'TRACE' WHEN 8 THEN 'CONNECT'
        ELSE method_number END) VIRTUAL,
    status     INTEGER GENERATED ALWAYS AS (CASE WHEN facts & 1023 THEN facts & 1023 END) VIRTUAL,
    outcome    INTEGER GENERATED ALWAYS AS ((facts >> 10) & 7) VIRTUAL,
    protocol   INTEGER GENERATED ALWAYS AS (CASE (facts >> 13) & 7
        WHEN 3 THEN 11 WHEN 2 THEN 10 WHEN 1 THEN 9 WHEN 4 THEN 20 WHEN 5 THEN 30 END) VIRTUAL,
    bytes_in   INTEGER GENERATED ALWAYS AS (received >> 4) VIRTUAL,
    ttfb_us    INTEGER GENERATED ALWAYS AS (
        duration_us - CASE WHEN rest >= '' THEN json_extract(rest, '$[0]') ELSE rest END) VIRTUAL,
    flags      INTEGER GENERATED ALWAYS AS ((facts >> 16) & 7) VIRTUAL,
    signal     INTEGER GENERATED ALWAYS AS (CASE WHEN facts >> 39 THEN facts >> 39 END) VIRTUAL
) STRICT;

CREATE INDEX access_failed     ON access (id)         WHERE status >= 500;
CREATE INDEX access_slow       ON access (id)         WHERE duration_us >= 1000000;
CREATE INDEX access_unfinished ON access (id)         WHERE outcome <> 0;
CREATE INDEX access_with_error ON access (request_id) WHERE flags & 1;

-- What the tables before it took of a new file.
PRAGMA incremental_vacuum(64);
