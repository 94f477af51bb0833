-- A request with all that is known of it.
SELECT * FROM requests WHERE id = ?1;
