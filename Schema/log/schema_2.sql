-- Schema 2: what is new since schema 1, run once over a database of it, in one transaction with views_2.sql.
PRAGMA user_version = 2;

-- One row for every life of a worker that ended from inside: by a fault, or by the time limit of a request.
CREATE TABLE crash (
    id         INTEGER PRIMARY KEY,         -- as in access
    source     INTEGER NOT NULL,            -- source, slot and generation: of worker_run, where role is 'worker'
    slot       INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    pid        INTEGER NOT NULL,
    request_id INTEGER,                     -- of access: the request whose handler ran; NULL: none ran
    cause      TEXT NOT NULL,               -- 'fault', 'time limit'
    signal     INTEGER NOT NULL,
    code       INTEGER NOT NULL,            -- the signal's si_code
    address    INTEGER,                     -- that could not be accessed or executed; NULL: the signal was sent
    client_got TEXT NOT NULL,               -- 'unknown', 'nothing', 'error', 'part of error', 'part'
    frames     TEXT NOT NULL,               -- a line each, the innermost first: NAME at MODULE+0xOFFSET
    late_us    INTEGER NOT NULL,
    UNIQUE (source, slot, generation)
) STRICT;

CREATE INDEX crash_of_request ON crash (request_id) WHERE request_id IS NOT NULL;

-- New values: worker_run.reason is 'timeout' for a worker that was ended because its request took too long; then
-- access.signal is set for the outcome timeout, too.
