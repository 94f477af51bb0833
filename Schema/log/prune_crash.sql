-- Removes at most :count crashes before a key.
DELETE FROM crash WHERE id IN (SELECT id FROM crash WHERE id < :before_id ORDER BY id LIMIT :count);
