-- The marks of a content, from its beginning on.
SELECT bytes, lines, hash FROM import_mark WHERE content = ?1 ORDER BY bytes;
