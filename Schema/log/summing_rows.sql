-- What summaries take from the requests from one key on and before another, in the order of their keys.
SELECT
    id, coalesce(status, 0), outcome, bytes_in, bytes_out, duration_us, coalesce(protocol, 0), worker, method, path, client,
    host, agent, referer
FROM access WHERE id >= ?1 AND id < ?2 ORDER BY id;
