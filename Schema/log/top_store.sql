-- Stores the busiest keys of one kind of an hour or a day, also in the place of earlier ones.
INSERT OR REPLACE INTO top (id, lines) VALUES (?1, ?2);
