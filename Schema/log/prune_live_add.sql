-- Notes a text that a summary names.
INSERT OR IGNORE INTO temp.live (dictionary, id) VALUES (?1, ?2);
