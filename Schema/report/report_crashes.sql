-- The request with the key :access whose worker died while it answered it, or the crash with the key :crash outside any
-- request: with the end of that worker and the innermost frames of its crash.
-- The worker is the one that ran in the slot when the request began: its successor writes the row, after its own start.
WITH RECURSIVE request AS (
    SELECT id, request_id, worker, (id >> 8) - late_us - duration_us + 1577836800000000 AS began_us
    FROM access WHERE id = :access),
shown AS (
    SELECT request.id AS access, crash.id AS crash, worker, began_us
    FROM request LEFT JOIN crash ON crash.request_id = request.request_id
    UNION ALL
    SELECT NULL, id, slot, (id >> 8) - late_us + 1577836800000000 FROM crash WHERE id = :crash),
line (crash, number, text, rest) AS (
    SELECT id, 0, '', frames || char(10) FROM crash WHERE id IN (SELECT crash FROM shown)
    UNION ALL
    SELECT crash, number + 1, substr(rest, 1, instr(rest, char(10)) - 1), substr(rest, instr(rest, char(10)) + 1)
    FROM line WHERE rest <> '' AND number < 40),
-- The first three that are not of the runtime or the C library, which only say how a program traps.
frame AS (
    SELECT crash, row_number() OVER (PARTITION BY crash ORDER BY number) AS number,
        CASE WHEN instr(text, ' at ') > 0 THEN substr(text, 1, instr(text, ' at ') - 1) ELSE text END AS name
    FROM line WHERE number > 0 AND text GLOB '* at *' AND NOT text GLOB 'Swift.*' AND NOT text GLOB '* in Swift.*'
        AND NOT text GLOB '* of Swift.*' AND NOT text GLOB '* at libc.so*' AND NOT text GLOB '* at libswift*'),
top AS (
    SELECT crash, group_concat(name, ' < ') AS names
    FROM (SELECT * FROM frame WHERE number <= 3 ORDER BY crash, number) GROUP BY crash)
SELECT
    coalesce(requests.time, crashes.time) AS time,
    coalesce(requests.outcome, 'crashed') AS outcome,
    coalesce(requests.signal, crashes.signal) AS signal,
    shown.worker,
    coalesce(crashes.pid, (SELECT pid FROM worker_run WHERE role = 'worker' AND slot = shown.worker
        AND started_us <= began_us ORDER BY started_us DESC LIMIT 1)) AS pid,
    (SELECT reason FROM worker_run WHERE role = 'worker' AND slot = shown.worker AND started_us <= began_us
        ORDER BY started_us DESC LIMIT 1) AS worker_end,
    requests.client,
    requests.duration_ms,
    requests.status,
    crashes.client_got,
    requests.request_id,
    requests.method,
    requests.path,
    requests.query,
    (SELECT names FROM top WHERE top.crash = shown.crash) AS top_frames,
    crashes.frames
FROM shown LEFT JOIN requests ON requests.id = shown.access LEFT JOIN crashes ON crashes.id = shown.crash;
