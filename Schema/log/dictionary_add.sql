-- Gives a text the next number of a dictionary.
INSERT INTO $dictionary (id, value) VALUES (?1, ?2);
