-- As insert_access.sql and with its parameters, for a table of schema 1. The expressions are those of access_4.sql.
INSERT INTO access (
    id, request_id, worker, connection, method, status, outcome, protocol, host, path, query, client, referer, agent,
    bytes_in, bytes_out, duration_us, ttfb_us, late_us, flags, signal)
SELECT
    column1,
    coalesce(column2, ((((column1 >> 8) - column16 - column14) << 12) | (((column3 >> 19) & 0xfffff) - 2))),
    ((column3 >> 20) & 0x7ffff) - 1,
    column4,
    CASE column5
        WHEN 0 THEN 'GET' WHEN 1 THEN 'POST' WHEN 2 THEN 'HEAD' WHEN 3 THEN 'PUT' WHEN 4 THEN 'DELETE'
        WHEN 5 THEN 'OPTIONS' WHEN 6 THEN 'PATCH' WHEN 7 THEN 'TRACE' WHEN 8 THEN 'CONNECT' ELSE column5 END,
    nullif(column3 & 1023, 0),
    (column3 >> 10) & 7,
    CASE (column3 >> 13) & 7 WHEN 3 THEN 11 WHEN 2 THEN 10 WHEN 1 THEN 9 WHEN 4 THEN 20 WHEN 5 THEN 30 END,
    column6,
    column7,
    column8,
    column9,
    column10,
    column11,
    column12,
    column13,
    column14,
    column14 - column15,
    column16,
    (column3 >> 16) & 7,
    nullif((column3 >> 39) & 255, 0)
FROM (
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?));
