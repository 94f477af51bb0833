-- The clients with the most requests in the span.
WITH every AS (
    SELECT client, count(*) AS requests, sum(bytes_out) AS bytes_out, sum(status BETWEEN 400 AND 499) AS status_4xx,
        sum(status >= 500) AS status_5xx, sum(duration_us) AS duration_us, max(id) AS newest
    FROM access WHERE id >= :since_id AND id < :until_id GROUP BY client),
whole AS (SELECT sum(requests) AS requests FROM every),
shown AS (SELECT * FROM every ORDER BY requests DESC, newest DESC LIMIT :limit)
SELECT
    CASE typeof(client) WHEN 'integer' THEN (SELECT value FROM client AS d WHERE d.id = shown.client)
        ELSE client END AS client,
    requests,
    100.0 * requests / (SELECT requests FROM whole) AS requests_percent,
    coalesce(status_4xx, 0) AS status_4xx,
    coalesce(status_5xx, 0) AS status_5xx,
    bytes_out,
    duration_us / 1000.0 / requests AS duration_mean_ms,
    (SELECT time FROM requests AS r WHERE r.id = shown.newest) AS last_seen
FROM shown ORDER BY requests DESC, newest DESC;
