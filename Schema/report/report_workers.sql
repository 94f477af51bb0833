-- Lives of the server's processes that touch the span (to the second), the newest first; `ended` is empty while one
-- runs. ISO times compare as text; a bound beyond the calendar gives NULL and then limits nothing.
SELECT role, slot, generation, pid, started, ended, reason, signal, status AS exit_status, requests
FROM workers
WHERE coalesce(started < strftime('%Y-%m-%dT%H:%M:%S', :until_us / 1000000, 'unixepoch'), 1)
    AND coalesce(ended >= strftime('%Y-%m-%dT%H:%M:%S', :since_us / 1000000, 'unixepoch'), 1)
ORDER BY started DESC, role, slot LIMIT :limit;
