-- Views that are new in schema 2.

-- Every crash of a worker, with the names of its frames. `client_got` is what the client of the request got: the whole
-- error page (`error`), the beginning of it or of another answer, or nothing.
CREATE VIEW crashes AS
SELECT
    id,
    strftime('%Y-%m-%dT%H:%M:%S', ((id >> 8) - late_us) / 1000000 + 1577836800, 'unixepoch')
        || printf('.%03dZ', ((id >> 8) - late_us) / 1000 % 1000) AS time,
    CASE WHEN request_id IS NOT NULL THEN printf('%016x', request_id) END AS request_id,
    slot AS worker,
    generation,
    pid,
    cause,
    coalesce((SELECT name FROM signal_name WHERE number = crash.signal), 'signal ' || signal) AS signal,
    code,
    CASE WHEN address IS NOT NULL THEN printf('0x%x', address) END AS address,
    client_got,
    frames,
    printf('%016x', source) AS source
FROM crash;
