-- The first key of the last ?2 requests before a key; NULL when there are none.
SELECT min(id) AS id FROM (SELECT id FROM access WHERE id < ?1 ORDER BY id DESC LIMIT ?2);
