-- Removes texts of a dictionary that no row names. The greatest number stays: the next text gets the one behind it.
DELETE FROM $dictionary
WHERE id > :after_id AND id <= :last_id AND id < (SELECT max(id) FROM $dictionary)
    AND NOT EXISTS (SELECT 1 FROM temp.live WHERE live.dictionary = '$dictionary' AND live.id = $dictionary.id);
