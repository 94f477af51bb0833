-- The number of the request with a key, as 16 hexadecimal digits.
SELECT request_id FROM requests WHERE id = :id;
