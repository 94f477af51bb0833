-- The last of the next :count rows behind a key; NULL when there is none.
SELECT max(id) AS id FROM (SELECT id FROM $dictionary WHERE id > :after_id ORDER BY id LIMIT :count);
