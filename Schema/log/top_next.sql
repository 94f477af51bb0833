-- The next lists behind one.
SELECT id, lines FROM top WHERE id > :after_id ORDER BY id LIMIT :count;
