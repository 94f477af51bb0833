-- Schema 3, the part of imports: what was read of the logs of other servers.

-- One row for every transaction of an import. Its requests are the rows of `access` from first_id to last_id whose
-- worker is -1 and whose connection is this id.
CREATE TABLE import (
    id          INTEGER PRIMARY KEY,
    content     INTEGER NOT NULL,           -- the first row here of the same content
    imported_us INTEGER NOT NULL,           -- microseconds since 1970 UTC
    name        TEXT NOT NULL,              -- how the file was called; contents are told apart by their bytes
    format      TEXT NOT NULL,
    lines       INTEGER NOT NULL,           -- of this transaction, as are the next two
    requests    INTEGER NOT NULL,
    bad_lines   INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,           -- of the content up to here, when it is not compressed
    first_id    INTEGER,                    -- NULL: no requests
    last_id     INTEGER
) STRICT;

-- What a content is known by: hashes of its first `bytes`, where lines end: the first, second, fourth line and so on,
-- and the last of each transaction.
CREATE TABLE import_mark (
    content INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,
    lines   INTEGER NOT NULL,
    hash    INTEGER NOT NULL,
    PRIMARY KEY (content, bytes)
) STRICT, WITHOUT ROWID;

CREATE INDEX import_mark_hash ON import_mark (hash);

-- The key of the hashes: nobody can make a log that passes for another.
INSERT INTO meta (key, value) VALUES ('import_key', random() | 1);

-- Every transaction of an import.
CREATE VIEW imports AS
SELECT
    id,
    strftime('%Y-%m-%dT%H:%M:%S', imported_us / 1000000, 'unixepoch')
        || printf('.%03dZ', imported_us / 1000 % 1000) AS time,
    name,
    format,
    content,
    lines,
    requests,
    bad_lines,
    bytes,
    first_id,
    last_id
FROM import;

-- Requests of other servers have other protocols; their worker is -1.
DROP VIEW requests;

-- Every request, one row each.
CREATE VIEW requests AS
SELECT
    id,
    strftime('%Y-%m-%dT%H:%M:%S', ((id >> 8) - late_us) / 1000000 + 1577836800, 'unixepoch')
        || printf('.%03dZ', ((id >> 8) - late_us) / 1000 % 1000) AS time,
    printf('%016x', request_id) AS request_id,
    worker,
    CASE typeof(client) WHEN 'integer' THEN (SELECT value FROM client AS d WHERE d.id = access.client)
        ELSE client END AS client,
    method,
    CASE typeof(host) WHEN 'integer' THEN (SELECT value FROM host AS d WHERE d.id = access.host)
        ELSE host END AS host,
    CASE typeof(path) WHEN 'integer' THEN (SELECT value FROM path AS d WHERE d.id = access.path)
        ELSE path END AS path,
    query,
    status,
    CASE outcome WHEN 0 THEN 'ok' WHEN 1 THEN 'aborted' WHEN 2 THEN 'timeout' WHEN 3 THEN 'crashed'
        WHEN 4 THEN 'killed' WHEN 5 THEN 'shed' ELSE outcome END AS outcome,
    duration_us / 1000.0 AS duration_ms,
    ttfb_us / 1000.0 AS ttfb_ms,
    bytes_in,
    bytes_out,
    CASE typeof(referer) WHEN 'integer' THEN (SELECT value FROM referer AS d WHERE d.id = access.referer)
        ELSE referer END AS referer,
    CASE typeof(agent) WHEN 'integer' THEN (SELECT value FROM agent AS d WHERE d.id = access.agent)
        ELSE agent END AS agent,
    CASE protocol WHEN 11 THEN 'HTTP/1.1' WHEN 10 THEN 'HTTP/1.0' WHEN 9 THEN 'HTTP/0.9'
        WHEN 20 THEN 'HTTP/2' WHEN 30 THEN 'HTTP/3'
        ELSE protocol END AS protocol,
    coalesce((SELECT name FROM signal_name WHERE number = access.signal), 'signal ' || signal) AS signal
FROM access;
