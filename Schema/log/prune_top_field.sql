-- Removes at most :count lists of one kind of a range of hours or days.
DELETE FROM top WHERE id IN (
    SELECT id FROM top WHERE id >= :since_id << 4 AND id < :until_id << 4 AND id & 15 = :kind ORDER BY id LIMIT :count);
