-- The number of the next life of the log writer in a process tree.
SELECT coalesce(max(generation), 0) + 1 AS generation FROM worker_run WHERE source = ?1 AND role = 'log';
