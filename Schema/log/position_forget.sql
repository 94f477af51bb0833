-- The ring file of a process tree is gone.
DELETE FROM ring_position WHERE source = ?1;
