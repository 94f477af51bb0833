-- Removes requests before a key.
DELETE FROM access WHERE id < :before_id;
