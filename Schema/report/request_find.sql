-- The newest request with a number. Requests with messages have an index; any other is looked for from the newest on.
SELECT coalesce(
    (SELECT max(id) FROM access WHERE request_id = :request_id AND flags & 1),
    (SELECT id FROM access WHERE request_id = :request_id ORDER BY id DESC LIMIT 1)) AS id;
