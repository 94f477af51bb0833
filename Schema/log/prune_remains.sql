-- Stores from which key on the summaries of a tier are left.
INSERT INTO meta (key, value) VALUES ('$dictionarys_from', ?1)
ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value);
