-- Remembers the last key while greater ones of an earlier epoch are in the tables.
INSERT INTO meta (key, value) VALUES ('last_id', ?1) ON CONFLICT (key) DO UPDATE SET value = excluded.value;
