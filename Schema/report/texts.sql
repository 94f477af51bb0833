-- All texts of a dictionary in the order of their ids.
SELECT id, value FROM $dictionary ORDER BY id;
