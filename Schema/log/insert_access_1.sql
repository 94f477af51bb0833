-- As insert_access.sql and with its parameters, for a table of schema 1. The expressions are those of access_4.sql.
INSERT INTO access (
    id, request_id, worker, connection, method, status, outcome, protocol, host, path, query, client, referer, agent,
    bytes_in, bytes_out, duration_us, ttfb_us, late_us, flags, signal)
SELECT
    column1,
    CASE WHEN given_id IS NOT NULL THEN given_id
        WHEN (column2 >> 20) & 0x7ffff
        THEN (((column1 >> 8) - late_us - column12) << 12) | (((column2 >> 19) & 0xfffff) - 2)
        ELSE column1 END,
    ((column2 >> 20) & 0x7ffff) - 1,
    column3,
    CASE column10 & 15
        WHEN 0 THEN 'GET' WHEN 1 THEN 'POST' WHEN 2 THEN 'HEAD' WHEN 3 THEN 'PUT' WHEN 4 THEN 'DELETE'
        WHEN 5 THEN 'OPTIONS' WHEN 6 THEN 'PATCH' WHEN 7 THEN 'TRACE' WHEN 8 THEN 'CONNECT'
        WHEN 15 THEN json_extract(column13, '$[3]') END,
    CASE WHEN column2 & 1023 THEN column2 & 1023 END,
    (column2 >> 10) & 7,
    CASE (column2 >> 13) & 7 WHEN 3 THEN 11 WHEN 2 THEN 10 WHEN 1 THEN 9 WHEN 4 THEN 20 WHEN 5 THEN 30 END,
    column4,
    column5,
    column6,
    column7,
    column8,
    column9,
    column10 >> 4,
    column11,
    column12,
    column12 - sending_us,
    late_us,
    (column2 >> 16) & 7,
    CASE WHEN column2 >> 39 THEN column2 >> 39 END
FROM (
SELECT
    *,
    CASE WHEN column13 >= '' THEN json_extract(column13, '$[0]') ELSE column13 END AS sending_us,
    CASE WHEN column13 >= '' THEN json_extract(column13, '$[1]') ELSE 0 END AS late_us,
    CASE WHEN column13 >= '' THEN json_extract(column13, '$[2]') END AS given_id
FROM (
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)));
