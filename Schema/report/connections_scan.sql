-- Every request of the span with what tells its connection.
SELECT id, worker, connection, status, outcome, duration_us, late_us, flags FROM access
WHERE id >= :since_id AND id < :until_id ORDER BY id;
