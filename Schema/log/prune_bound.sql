-- The key before which at most :count requests and as many messages lie; NULL when there are no more than that.
SELECT min(
    coalesce((SELECT id FROM access ORDER BY id LIMIT 1 OFFSET :count), 9223372036854775807),
    coalesce((SELECT id FROM error ORDER BY id LIMIT 1 OFFSET :count), 9223372036854775807)) AS id;
