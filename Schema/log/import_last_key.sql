-- The greatest key of a stretch; NULL when no key of it is taken.
SELECT max(id) FROM access WHERE id >= ?1 AND id < ?2;
