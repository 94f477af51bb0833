-- The key of the hashes of contents.
SELECT value FROM meta WHERE key = 'import_key';
