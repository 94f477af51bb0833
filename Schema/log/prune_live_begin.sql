-- The texts that rows name, by dictionary; in the memory of the writer.
CREATE TEMP TABLE IF NOT EXISTS live (dictionary TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (dictionary, id))
WITHOUT ROWID;
DELETE FROM temp.live;
