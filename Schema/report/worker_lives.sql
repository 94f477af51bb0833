-- Lives of workers that touch the span, by slot: how many there were, how many began in it in place of an earlier one,
-- how many ended in it by a crash, a signal or the time limit, and the process that runs.
SELECT
    slot,
    count(*) AS lives,
    sum(started_us >= :since_us AND generation > 1) AS restarts,
    sum(ended_us < :until_us AND reason IN ('crashed', 'killed', 'timeout')) AS deaths,
    max(CASE WHEN ended_us IS NULL THEN pid END) AS pid
FROM worker_run
WHERE role = 'worker' AND started_us < :until_us AND coalesce(ended_us >= :since_us, 1)
GROUP BY slot ORDER BY slot;
