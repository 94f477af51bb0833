-- The number of a text in a dictionary.
SELECT id FROM $dictionary WHERE value = ?1;
