-- What was logged about one request, in order.
SELECT time, level, worker, message FROM errors
WHERE id IN (SELECT id FROM error WHERE request_id = :request_id) ORDER BY id;
