-- The text of a client in the dictionary.
SELECT value FROM client WHERE id = ?1;
