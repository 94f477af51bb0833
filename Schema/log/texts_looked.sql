-- Texts that no row names were looked for at ?1, in microseconds since 1970 UTC.
INSERT INTO meta (key, value)
SELECT 'texts_pruned_us', ?1
UNION ALL
SELECT 'texts_pruned_rows', coalesce(sum(value), 0) FROM meta WHERE key IN ('pruned_requests', 'pruned_messages')
ON CONFLICT (key) DO UPDATE SET value = excluded.value;
