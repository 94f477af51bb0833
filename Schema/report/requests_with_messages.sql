-- The requests with a number that have messages; the partial index finds them.
SELECT id FROM access WHERE request_id = :request_id AND flags & 1;
