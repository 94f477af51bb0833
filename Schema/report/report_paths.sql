-- The most requested paths of the span. Names are looked up for the rows that are shown, not for all groups.
WITH every AS (
    SELECT path, count(*) AS requests, sum(bytes_out) AS bytes_out, sum(status BETWEEN 400 AND 499) AS status_4xx,
        sum(status >= 500) AS status_5xx, sum(duration_us) AS duration_us, max(duration_us) AS longest_us
    FROM access WHERE id >= :since_id AND id < :until_id GROUP BY path),
whole AS (SELECT sum(requests) AS requests FROM every),
shown AS (SELECT * FROM every ORDER BY requests DESC, longest_us DESC LIMIT :limit)
SELECT
    requests,
    100.0 * requests / (SELECT requests FROM whole) AS requests_percent,
    coalesce(status_4xx, 0) AS status_4xx,
    coalesce(status_5xx, 0) AS status_5xx,
    bytes_out,
    duration_us / 1000.0 / requests AS duration_mean_ms,
    longest_us / 1000.0 AS duration_max_ms,
    CASE typeof(path) WHEN 'integer' THEN (SELECT value FROM path AS d WHERE d.id = shown.path)
        ELSE path END AS path
FROM shown ORDER BY requests DESC, longest_us DESC;
