-- All texts of a dictionary, with their numbers.
SELECT id, value FROM $dictionary;
