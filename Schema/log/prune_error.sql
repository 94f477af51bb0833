-- Removes messages before a key.
DELETE FROM error WHERE id < :before_id;
