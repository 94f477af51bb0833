-- The format that a content was last read in.
SELECT format FROM import WHERE content = ?1 ORDER BY id DESC LIMIT 1;
