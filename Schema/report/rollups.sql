-- The summaries of a range of minutes, hours or days.
SELECT
    id, requests, without_status, status_1xx, status_2xx, status_3xx, status_4xx, status_5xx, aborted, timeout, crashed,
    killed, shed, bytes_in, bytes_out, duration_us, duration_max_us, latency, clients
FROM rollup WHERE id >= ?1 AND id < ?2 ORDER BY id;
