-- Requests whose worker died while it answered them, the newest first, with the end of that worker.
-- The worker is the one that ran in the slot when the request began: its successor writes the row, after its own start.
WITH shown AS (
    SELECT id, worker, (id >> 8) - late_us - duration_us + 1577836800000000 AS began_us
    FROM access WHERE id >= :since_id AND id < :until_id AND outcome <> 0 AND outcome IN (3, 4)
    ORDER BY id DESC LIMIT :limit)
SELECT
    requests.time,
    requests.outcome,
    requests.signal,
    requests.worker,
    (SELECT pid FROM worker_run WHERE role = 'worker' AND slot = shown.worker AND started_us <= began_us
        ORDER BY started_us DESC LIMIT 1) AS pid,
    (SELECT reason FROM worker_run WHERE role = 'worker' AND slot = shown.worker AND started_us <= began_us
        ORDER BY started_us DESC LIMIT 1) AS worker_end,
    requests.client,
    requests.duration_ms,
    requests.request_id,
    requests.method,
    requests.path,
    requests.query
FROM shown JOIN requests ON requests.id = shown.id
ORDER BY requests.id DESC;
