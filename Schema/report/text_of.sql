-- The text of an id of a dictionary.
SELECT value FROM $dictionary WHERE id = ?1;
