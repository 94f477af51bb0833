-- The longest requests of the span. The inner query sorts bare keys; only the rows that are shown look names up.
SELECT duration_ms, ttfb_ms, time, worker, client, status, outcome, bytes_out, request_id, method, path, query
FROM requests WHERE id IN (
    SELECT id FROM access WHERE id >= :since_id AND id < :until_id ORDER BY duration_us DESC, id DESC LIMIT :limit)
ORDER BY duration_ms DESC, id DESC;
