-- The key before the first of the newest requests of the span; NULL when it has none.
SELECT min(id) - 1 AS id FROM (
    SELECT id FROM access WHERE id >= :since_id AND id < :until_id ORDER BY id DESC LIMIT :limit);
