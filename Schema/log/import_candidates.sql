-- Contents that begin with a line of this length and hash.
SELECT content FROM import_mark WHERE hash = ?1 AND bytes = ?2 AND lines = 1;
