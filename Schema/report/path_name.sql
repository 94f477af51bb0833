-- The text of a path in the dictionary.
SELECT value FROM path WHERE id = :id;
