-- When texts that no row names were last looked for, in microseconds since 1970 UTC; how many rows had been removed by
-- then, and how many have been by now.
SELECT
    coalesce((SELECT value FROM meta WHERE key = 'texts_pruned_us'), 0) AS looked_us,
    coalesce((SELECT value FROM meta WHERE key = 'texts_pruned_rows'), 0) AS looked_rows,
    (SELECT coalesce(sum(value), 0) FROM meta WHERE key IN ('pruned_requests', 'pruned_messages')) AS rows;
