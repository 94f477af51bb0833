-- What a transaction of an import came to.
UPDATE import SET lines = ?2, requests = ?3, bad_lines = ?4, bytes = ?5, first_id = ?6, last_id = ?7 WHERE id = ?1;
