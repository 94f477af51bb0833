-- Removes process lives that ended before a moment, in microseconds since 1970 UTC.
DELETE FROM worker_run WHERE (source, role, slot, generation) IN (
    SELECT source, role, slot, generation FROM worker_run WHERE ended_us < :before_us LIMIT :count);
