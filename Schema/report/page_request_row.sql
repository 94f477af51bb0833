-- A request with what the pages' lists of single requests show; `id` is its key.
SELECT time, status, outcome, method, host, path, query, duration_ms, ttfb_ms, bytes_out, client, id
FROM requests WHERE id = ?1;
