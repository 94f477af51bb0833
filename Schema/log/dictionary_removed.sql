-- How many texts of a dictionary were removed again.
SELECT value FROM meta WHERE key = 'removed_$dictionary';
