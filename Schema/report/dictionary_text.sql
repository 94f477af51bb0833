-- The text of an id in a dictionary.
SELECT value FROM $dictionary WHERE id = :id;
