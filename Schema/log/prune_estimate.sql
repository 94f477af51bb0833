-- Rows before a key, and all rows.
SELECT
    (SELECT count(*) FROM access WHERE id < :before_id) AS requests,
    (SELECT count(*) FROM error WHERE id < :before_id) AS messages,
    (SELECT count(*) FROM access) AS all_requests,
    (SELECT count(*) FROM error) AS all_messages;
