-- One request; the stored columns in the order of the table. The group behind VALUES is repeated for several.
INSERT INTO access (
    id, facts, connection, host, path, query, client, referer, agent, received, bytes_out, duration_us, rest)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
