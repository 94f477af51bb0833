-- How far a ring was copied.
INSERT INTO ring_position (source, slot, position) VALUES (?1, ?2, ?3)
ON CONFLICT (source, slot) DO UPDATE SET position = excluded.position;
