-- Removes at most :count lists of a range of hours.
DELETE FROM top WHERE id IN (
    SELECT id FROM top WHERE id >= :since_id << 4 AND id < :until_id << 4 ORDER BY id LIMIT :count);
