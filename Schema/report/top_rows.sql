-- The newest requests between two keys, for the window of top.
SELECT id, status, outcome, duration_us, bytes_in, bytes_out, path, client
FROM access WHERE id > :after_id AND id < :until_id ORDER BY id DESC LIMIT :limit;
