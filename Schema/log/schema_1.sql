-- Schema 1: the tables. One writer process owns them; the views in views_1.sql are the public face.
--
-- A key `id` is a time: microseconds since 2020-01-01 UTC in the upper 56 bits, a tie in the lower 8. It rises with
-- every commit, so a time range is a key range and needs no index, and id order is commit order. When the clock is set
-- back by more than 10 minutes keys begin again, and meta's `epoch` counts up; while greater keys of an earlier epoch
-- are in the tables, meta's `last_id` holds the key given last.
-- Columns of type ANY that name a dictionary (host, path, client, referer, agent, message) hold either the integer id
-- of a dictionary row or the text itself: when that dictionary is full, and for what the log says of itself.

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE path    (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE host    (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE client  (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE referer (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE agent   (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE message (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE) STRICT;

-- One row for every request that was begun. access_4.sql has the present form.
CREATE TABLE access (
    id          INTEGER PRIMARY KEY,
    request_id  INTEGER NOT NULL,           -- 63 bits, unique for this database; the views show it in hexadecimal
    worker      INTEGER NOT NULL,           -- slot of the worker process
    connection  INTEGER NOT NULL,           -- number of the connection in the life of its worker
    method      TEXT,                       -- NULL: the request line could not be read
    status      INTEGER,                    -- three digits; NULL: no answer was decided
    outcome     INTEGER NOT NULL,           -- 0 ok, 1 aborted, 2 timeout, 3 crashed, 4 killed, 5 shed
    protocol    INTEGER,                    -- 9, 10 or 11 for HTTP/0.9, 1.0, 1.1
    host        ANY,
    path        ANY,
    query       TEXT,                       -- without the question mark; NULL: none
    client      ANY,
    referer     ANY,
    agent       ANY,
    bytes_in    INTEGER NOT NULL,           -- head and body as received
    bytes_out   INTEGER NOT NULL,           -- head and body as handed to the kernel
    duration_us INTEGER NOT NULL,           -- from the head's last byte to the answer's last byte
    ttfb_us     INTEGER,                    -- to the answer's first byte; NULL: no byte left
    late_us     INTEGER NOT NULL,           -- (id >> 8) minus the true completion time
    flags       INTEGER NOT NULL,           -- 1 has error rows, 2 kept alive, 4 figures of before the send
    signal      INTEGER                     -- that ended the worker, when the outcome is crashed or killed
) STRICT;

CREATE INDEX access_failed     ON access (id)         WHERE status >= 500;
CREATE INDEX access_slow       ON access (id)         WHERE duration_us >= 1000000;
CREATE INDEX access_unfinished ON access (id)         WHERE outcome <> 0;
CREATE INDEX access_with_error ON access (request_id) WHERE flags & 1;

-- What log_error and log_message said, and what the log has to say of itself.
CREATE TABLE error (
    id         INTEGER PRIMARY KEY,
    request_id INTEGER,                     -- NULL: belongs to no request
    worker     INTEGER,                     -- NULL: written by the log writer
    level      INTEGER NOT NULL,            -- syslog's numbers: 2 critical, 3 error, 4 warning, 6 informational
    client     ANY,
    message    ANY NOT NULL,
    late_us    INTEGER NOT NULL
) STRICT;

CREATE INDEX error_of_request ON error (request_id) WHERE request_id IS NOT NULL;

-- One row for every life of a process.
CREATE TABLE worker_run (
    source     INTEGER NOT NULL,            -- the process tree: the random id of its ring file
    role       TEXT NOT NULL,               -- 'worker', 'log'
    slot       INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    pid        INTEGER NOT NULL,
    started_us INTEGER NOT NULL,            -- microseconds since 1970 UTC
    ended_us   INTEGER,                     -- NULL: still runs, or its end was not seen yet
    reason     TEXT,                        -- 'exited', 'crashed', 'killed', 'lost'
    signal     INTEGER,
    status     INTEGER,                     -- exit status
    requests   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (source, role, slot, generation)
) STRICT, WITHOUT ROWID;

-- How far each ring was copied, stored in the transaction that copied it.
CREATE TABLE ring_position (
    source   INTEGER NOT NULL,
    slot     INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (source, slot)
) STRICT, WITHOUT ROWID;
