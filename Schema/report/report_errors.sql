-- Messages of the span, equal ones folded to one row, the newest first.
WITH folded AS (
    SELECT message, level, count(*) AS count, count(DISTINCT request_id) AS requests,
        min(id) AS oldest, max(id) AS newest
    FROM error WHERE id >= :since_id AND id < :until_id
    GROUP BY message, level ORDER BY newest DESC LIMIT :limit)
SELECT
    (SELECT time FROM errors AS e WHERE e.id = oldest) AS first_seen,
    (SELECT time FROM errors AS e WHERE e.id = newest) AS last_seen,
    (SELECT e.level FROM errors AS e WHERE e.id = newest) AS level,
    count,
    requests,
    (SELECT e.message FROM errors AS e WHERE e.id = newest) AS message
FROM folded ORDER BY newest DESC;
