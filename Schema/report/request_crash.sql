-- The crash that ended one request.
SELECT time, cause, signal, code, address, client_got, worker, generation, pid, frames
FROM crashes WHERE id IN (SELECT id FROM crash WHERE request_id = :request_id) ORDER BY id DESC LIMIT 1;
