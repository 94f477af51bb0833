-- Every request of the span with the fields that the overview adds up; one pass fills all of its panels.
SELECT id, status, outcome, duration_us, bytes_in, bytes_out, client, path
FROM access WHERE id >= :since_id AND id < :until_id;
