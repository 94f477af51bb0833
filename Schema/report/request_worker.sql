-- The life of the process that served one request: the one in its slot that had begun before the request did.
WITH request AS (
    SELECT worker, (id >> 8) - late_us - duration_us + 1577836800000000 AS began_us FROM access WHERE id = :id),
life AS (
    SELECT source, slot, generation FROM worker_run, request
    WHERE role = 'worker' AND slot = request.worker AND started_us <= began_us ORDER BY started_us DESC LIMIT 1)
SELECT workers.slot, workers.generation, pid, started, ended, reason, signal, status AS exit_status, requests
FROM life JOIN workers ON role = 'worker' AND workers.slot = life.slot AND workers.generation = life.generation
    AND workers.source = printf('%016x', life.source);
