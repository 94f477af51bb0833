-- Whether a number of a dictionary names a text.
SELECT 1 FROM $dictionary WHERE id = ?1 AND value = ?2;
