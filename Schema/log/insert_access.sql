-- One request; the columns in the order of the table.
INSERT INTO access (
    id, request_id, worker, connection, method, status, outcome, protocol, host, path, query, client, referer, agent,
    bytes_in, bytes_out, duration_us, ttfb_us, late_us, flags, signal)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21);
