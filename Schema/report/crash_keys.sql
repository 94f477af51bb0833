-- Keys of the requests whose worker died while it answered them, and of crashes outside any request, the newest first;
-- of the latter the worker.
SELECT id, 1 AS is_request, NULL AS worker FROM access
WHERE id >= :since_id AND id < :until_id AND outcome <> 0
    AND (outcome IN (3, 4) OR outcome = 2 AND signal IS NOT NULL)
UNION ALL
SELECT id, 0, slot FROM crash WHERE id >= :since_id AND id < :until_id AND request_id IS NULL
ORDER BY id DESC;
