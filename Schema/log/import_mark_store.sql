-- Marks how far a content is known; the same place again changes nothing.
INSERT INTO import_mark (content, bytes, lines, hash) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING;
