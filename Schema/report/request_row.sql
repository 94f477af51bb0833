-- A request with what lists of single requests show.
SELECT duration_ms, ttfb_ms, time, worker, client, status, outcome, bytes_out, request_id, method, path, query
FROM requests WHERE id = ?1;
