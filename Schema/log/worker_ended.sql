-- The life of a process ends; also when its beginning was never reported.
INSERT INTO worker_run (source, role, slot, generation, pid, started_us, ended_us, reason, signal, status, requests)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT (source, role, slot, generation) DO UPDATE SET
    ended_us = excluded.ended_us, reason = excluded.reason, signal = excluded.signal, status = excluded.status,
    requests = excluded.requests;
