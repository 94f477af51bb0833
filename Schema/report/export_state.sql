-- Where the log ends: the epoch of its keys, the first key of that epoch where it is known, and the last one given;
-- and what no other log has.
SELECT
    coalesce((SELECT value FROM meta WHERE key = 'epoch'), 0) AS epoch,
    (SELECT value FROM meta WHERE key = 'epoch_id') AS epoch_id,
    coalesce((SELECT value FROM meta WHERE key = 'last_id'), (SELECT max(id) FROM access), 0) AS last_id,
    (SELECT value FROM meta WHERE key = 'import_key') AS log_key;
