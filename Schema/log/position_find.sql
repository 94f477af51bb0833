-- How far a ring was copied.
SELECT position FROM ring_position WHERE source = ?1 AND slot = ?2;
