-- The lives of the log writers of a process tree before the one that now begins.
UPDATE worker_run SET ended_us = ?2, reason = 'lost' WHERE source = ?1 AND role = 'log' AND ended_us IS NULL;
