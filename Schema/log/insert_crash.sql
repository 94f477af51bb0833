-- The crash of a worker; a second report of the same life changes nothing. The columns in the order of the table.
INSERT INTO crash (
    id, source, slot, generation, pid, request_id, cause, signal, code, address, client_got, frames, late_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
ON CONFLICT (source, slot, generation) DO NOTHING;
