-- Requests of the span by status; NULL stands for requests that got no answer.
WITH every AS (
    SELECT status, count(*) AS requests, sum(bytes_out) AS bytes_out, sum(duration_us) AS duration_us,
        max(duration_us) AS longest_us, max(id) AS newest
    FROM access WHERE id >= :since_id AND id < :until_id GROUP BY status)
SELECT
    status,
    requests,
    100.0 * requests / (SELECT sum(requests) FROM every) AS requests_percent,
    bytes_out,
    duration_us / 1000.0 / requests AS duration_mean_ms,
    longest_us / 1000.0 AS duration_max_ms,
    (SELECT time FROM requests AS r WHERE r.id = every.newest) AS last_seen
FROM every ORDER BY status LIMIT :limit;
