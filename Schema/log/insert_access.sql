-- One request; the stored columns in the order of the table. The group behind VALUES is repeated for several.
INSERT INTO access (
    id, given_id, facts, connection, method_number, host, path, query, client, referer, agent, bytes_in, bytes_out,
    duration_us, sending_us, late_us)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
