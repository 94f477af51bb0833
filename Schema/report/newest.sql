-- The key of the newest request; NULL when there is none.
SELECT max(id) AS id FROM access;
