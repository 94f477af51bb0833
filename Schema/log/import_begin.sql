-- Begins a transaction of an import; ?1: its content, NULL for a new one. What it came to is stored at its end.
INSERT INTO import (id, content, imported_us, name, format, lines, requests, bad_lines, bytes)
SELECT last + 1, coalesce(?1, last + 1), ?2, ?3, ?4, 0, 0, 0, 0
FROM (SELECT coalesce(max(id), 0) AS last FROM import)
RETURNING id, content;
