-- Messages of the span in the order in which they were logged.
SELECT id, late_us, request_id, level, message, worker FROM error
WHERE id >= :since_id AND id < :until_id ORDER BY id;
