-- Requests of a span of keys that meet a condition over the columns of the view requests. SQLite flattens the inner
-- query, so that only what the condition and the question name is worked out; the expressions are those of the view,
-- which itself cannot be scanned for the columns of its table.
SELECT scan_row(:row, $columns) FROM (
    SELECT
        id,
        $raw_columns,
        strftime('%Y-%m-%dT%H:%M:%S', ((id >> 8) - late_us) / 1000000 + 1577836800, 'unixepoch')
            || printf('.%03dZ', ((id >> 8) - late_us) / 1000 % 1000) AS time,
        printf('%016x', request_id) AS request_id,
        worker,
        CASE typeof(client) WHEN 'integer' THEN (SELECT value FROM client AS d WHERE d.id = access.client)
            ELSE client END AS client,
        method,
        CASE typeof(host) WHEN 'integer' THEN (SELECT value FROM host AS d WHERE d.id = access.host)
            ELSE host END AS host,
        CASE typeof(path) WHEN 'integer' THEN (SELECT value FROM path AS d WHERE d.id = access.path)
            ELSE path END AS path,
        query,
        status,
        CASE outcome WHEN 0 THEN 'ok' WHEN 1 THEN 'aborted' WHEN 2 THEN 'timeout' WHEN 3 THEN 'crashed'
            WHEN 4 THEN 'killed' WHEN 5 THEN 'shed' ELSE outcome END AS outcome,
        duration_us / 1000.0 AS duration_ms,
        ttfb_us / 1000.0 AS ttfb_ms,
        bytes_in,
        bytes_out,
        CASE typeof(referer) WHEN 'integer' THEN (SELECT value FROM referer AS d WHERE d.id = access.referer)
            ELSE referer END AS referer,
        CASE typeof(agent) WHEN 'integer' THEN (SELECT value FROM agent AS d WHERE d.id = access.agent)
            ELSE agent END AS agent,
        CASE protocol WHEN 11 THEN 'HTTP/1.1' WHEN 10 THEN 'HTTP/1.0' WHEN 9 THEN 'HTTP/0.9'
            ELSE protocol END AS protocol,
        coalesce((SELECT name FROM signal_name WHERE number = access.signal), 'signal ' || signal) AS signal
    FROM access)
WHERE raw_id >= :since_id AND raw_id < :until_id AND $condition ORDER BY raw_id $direction;
