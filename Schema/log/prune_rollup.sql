-- Removes at most :count summaries of a range of minutes or hours.
DELETE FROM rollup WHERE id IN (
    SELECT id FROM rollup WHERE id >= :since_id AND id < :until_id ORDER BY id LIMIT :count);
