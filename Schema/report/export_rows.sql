-- Requests behind a key in the order of their keys: of everybody (:batch NULL), of this server (0), or of one
-- transaction of an import. Times are microseconds.
SELECT
    requests.id, ((access.id >> 8) - access.late_us) + 1577836800000000 AS time_us, requests.request_id,
    requests.worker, requests.client, requests.method, requests.host, requests.path, requests.query, requests.status,
    requests.outcome, access.duration_us, access.ttfb_us, requests.bytes_in, requests.bytes_out, requests.referer,
    requests.agent, requests.protocol, requests.signal
FROM access CROSS JOIN requests ON requests.id = access.id
WHERE access.id > :after_id AND access.id <= :last_id
    AND (:batch IS NULL OR CASE access.worker WHEN -1 THEN access.connection ELSE 0 END = :batch)
ORDER BY access.id LIMIT :limit;
