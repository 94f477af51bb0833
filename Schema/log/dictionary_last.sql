-- The greatest number of a dictionary; 0 when it is empty.
SELECT coalesce(max(id), 0) AS id FROM $dictionary;
