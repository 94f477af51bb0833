-- One request; the columns in the order of the table. The group behind VALUES is repeated for several.
INSERT INTO access (
    id, request_id, worker, connection, method, status, outcome, protocol, host, path, query, client, referer, agent,
    bytes_in, bytes_out, duration_us, ttfb_us, late_us, flags, signal)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
