-- The process trees whose rings were copied and whose files were there.
SELECT DISTINCT source FROM ring_position;
