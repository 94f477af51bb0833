-- Everything about one request. Its worker is the one that ran in the slot when it began: the successor of a dead one
-- writes the row, after its own start.
SELECT
    requests.id,
    requests.request_id,
    strftime('%Y-%m-%dT%H:%M:%S', began_us / 1000000, 'unixepoch') || printf('.%03dZ', began_us / 1000 % 1000) AS began,
    requests.time,
    requests.outcome,
    requests.status,
    requests.duration_ms,
    requests.ttfb_ms,
    requests.method,
    requests.host,
    requests.path,
    requests.query,
    requests.protocol,
    requests.client,
    requests.referer,
    requests.agent,
    requests.bytes_in,
    requests.bytes_out,
    requests.worker,
    (SELECT pid FROM worker_run WHERE role = 'worker' AND slot = access.worker AND started_us <= began_us
        ORDER BY started_us DESC LIMIT 1) AS pid,
    access.connection AS connection_number,
    access.flags >> 1 & 1 AS kept_alive,
    access.flags >> 2 & 1 AS figures_of_before_the_send,
    requests.signal,
    access.late_us / 1000.0 AS late_ms
FROM (SELECT *, (id >> 8) - late_us - duration_us + 1577836800000000 AS began_us FROM access WHERE id = :id) AS access
JOIN requests ON requests.id = access.id;
