-- The life of a process begins. A second report of the same life changes nothing of what is known of its end.
INSERT INTO worker_run (source, role, slot, generation, pid, started_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (source, role, slot, generation) DO UPDATE SET pid = excluded.pid, started_us = excluded.started_us;
