-- The greatest key of all rows; 0 when there is none.
SELECT max(coalesce((SELECT max(id) FROM access), 0), coalesce((SELECT max(id) FROM error), 0)) AS id;
