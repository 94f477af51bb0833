-- Table access as it is since schema 4: the same columns in less bytes. Run where it has no rows yet; a log that was
-- begun before keeps the table of schema_1.sql, which is written and read as well.
DROP TABLE access;

-- One row for every request that was begun. What is behind the stored columns follows from them.
CREATE TABLE access (
    id            INTEGER PRIMARY KEY,
    given_id      INTEGER,              -- request_id, if it is not the usual one
    facts         INTEGER NOT NULL,     -- from the lowest bit: 10 status, 3 outcome, 3 protocol (1 to 5 for HTTP/0.9,
                                        -- 1.0, 1.1, 2, 3), 4 flags, 19 worker + 1, 8 signal
    connection    INTEGER NOT NULL,     -- number of the connection in the life of its worker
    method_number ANY,                  -- 0 GET, 1 POST and so on, see below; or the text of another one
    host          ANY,
    path          ANY,
    query         TEXT,                 -- without the question mark; NULL: none
    client        ANY,
    referer       ANY,
    agent         ANY,
    bytes_in      INTEGER NOT NULL,     -- head and body as received
    bytes_out     INTEGER NOT NULL,     -- head and body as handed to the kernel
    duration_us   INTEGER NOT NULL,     -- from the head's last byte to the answer's last byte
    sending_us    INTEGER,              -- from the answer's first byte to its last one; NULL: no byte left
    late_us       INTEGER NOT NULL,     -- (id >> 8) minus the true completion time
    -- 63 bits, unique for this database; usually the start in microseconds since 2020, 11 bits of the worker and one
    -- that differs between a server and its upgrade.
    request_id INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(given_id,
        ((((id >> 8) - late_us - duration_us) << 12) | (((facts >> 19) & 0xfffff) - 2)))) VIRTUAL,
    worker     INTEGER NOT NULL GENERATED ALWAYS AS (((facts >> 20) & 0x7ffff) - 1) VIRTUAL,
    method     TEXT GENERATED ALWAYS AS (CASE method_number
        WHEN 0 THEN 'GET' WHEN 1 THEN 'POST' WHEN 2 THEN 'HEAD' WHEN 3 THEN 'PUT' WHEN 4 THEN 'DELETE'
        WHEN 5 THEN 'OPTIONS' WHEN 6 THEN 'PATCH' WHEN 7 THEN 'TRACE' WHEN 8 THEN 'CONNECT'
        ELSE method_number END) VIRTUAL,
    status     INTEGER GENERATED ALWAYS AS (nullif(facts & 1023, 0)) VIRTUAL,
    outcome    INTEGER NOT NULL GENERATED ALWAYS AS ((facts >> 10) & 7) VIRTUAL,
    protocol   INTEGER GENERATED ALWAYS AS (CASE (facts >> 13) & 7
        WHEN 3 THEN 11 WHEN 2 THEN 10 WHEN 1 THEN 9 WHEN 4 THEN 20 WHEN 5 THEN 30 END) VIRTUAL,
    ttfb_us    INTEGER GENERATED ALWAYS AS (duration_us - sending_us) VIRTUAL,
    flags      INTEGER NOT NULL GENERATED ALWAYS AS ((facts >> 16) & 7) VIRTUAL,
    signal     INTEGER GENERATED ALWAYS AS (nullif((facts >> 39) & 255, 0)) VIRTUAL
) STRICT;

CREATE INDEX access_failed     ON access (id)         WHERE status >= 500;
CREATE INDEX access_slow       ON access (id)         WHERE duration_us >= 1000000;
CREATE INDEX access_unfinished ON access (id)         WHERE outcome <> 0;
CREATE INDEX access_with_error ON access (request_id) WHERE flags & 1;

-- What the tables before it took of a new file.
PRAGMA incremental_vacuum(64);
