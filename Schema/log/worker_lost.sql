-- The lives of a process tree whose end nobody saw: the tree is gone, so they are over.
UPDATE worker_run SET ended_us = ?2, reason = 'lost' WHERE source = ?1 AND ended_us IS NULL;
