-- Requests after a key in the order of their keys, which is the order of the commits: a reader that goes on from the
-- last key that it saw misses none.
SELECT id, time, client, status, outcome, bytes_out, duration_ms, request_id, method, path, query, protocol, host,
    referer, agent, worker, ttfb_ms, bytes_in
FROM requests WHERE id > :after_id AND id < :until_id ORDER BY id LIMIT :limit;
