-- The messages that belong to a request.
SELECT time, level, message FROM errors
WHERE id IN (SELECT id FROM error WHERE request_id = (SELECT request_id FROM access WHERE id = ?1))
ORDER BY id LIMIT 100;
