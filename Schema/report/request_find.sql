-- The newest request with a number. Requests with messages have an index; that of an imported one is its key; the usual
-- number tells when its request began, and so where to look on from; any other is looked for from the newest on.
SELECT coalesce(
    (SELECT max(id) FROM access WHERE request_id = :request_id AND flags & 1),
    (SELECT id FROM access WHERE id = :request_id AND request_id = :request_id),
    (SELECT id FROM access WHERE id >= (:request_id >> 12) << 8 AND request_id = :request_id ORDER BY id LIMIT 1),
    (SELECT id FROM access WHERE request_id = :request_id ORDER BY id DESC LIMIT 1)) AS id;
