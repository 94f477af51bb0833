-- The lists of busiest keys of a range of hours or days, those of all kinds.
SELECT id, lines FROM top WHERE id >= ?1 AND id < ?2 ORDER BY id;
