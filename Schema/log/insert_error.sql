-- One message; the columns in the order of the table.
INSERT INTO error (id, request_id, worker, level, client, message, late_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);
