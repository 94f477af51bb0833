-- Views of schema 1: the public face of the log, for any SQLite tool. Units are in the names; times are UTC, ISO 8601.
--
-- Filter by time through the key, which is the only cheap way: WHERE id >= (SELECT hour_ago FROM clock).
-- Names come from scalar subqueries and not from joins: a column that a query does not use then costs nothing.
-- typeof() tells a dictionary id from inline text; comparing with the id instead would let the text '7' find row 7.

CREATE VIEW signal_name (number, name) AS VALUES
    (1, 'SIGHUP'), (2, 'SIGINT'), (3, 'SIGQUIT'), (4, 'SIGILL'), (5, 'SIGTRAP'), (6, 'SIGABRT'), (7, 'SIGBUS'),
    (8, 'SIGFPE'), (9, 'SIGKILL'), (10, 'SIGUSR1'), (11, 'SIGSEGV'), (12, 'SIGUSR2'), (13, 'SIGPIPE'), (14, 'SIGALRM'),
    (15, 'SIGTERM'), (16, 'SIGSTKFLT'), (17, 'SIGCHLD'), (18, 'SIGCONT'), (19, 'SIGSTOP'), (20, 'SIGTSTP'),
    (21, 'SIGTTIN'), (22, 'SIGTTOU'), (23, 'SIGURG'), (24, 'SIGXCPU'), (25, 'SIGXFSZ'), (26, 'SIGVTALRM'),
    (27, 'SIGPROF'), (28, 'SIGWINCH'), (29, 'SIGIO'), (30, 'SIGPWR'), (31, 'SIGSYS');

-- Keys of moments that queries ask for; one row.
CREATE VIEW clock AS
WITH unix (seconds) AS (SELECT CAST(strftime('%s', 'now') AS INTEGER) - 1577836800)
SELECT
    (seconds * 1000000) << 8             AS now,
    ((seconds - 60) * 1000000) << 8      AS minute_ago,
    ((seconds - 3600) * 1000000) << 8    AS hour_ago,
    ((seconds - 86400) * 1000000) << 8   AS day_ago,
    ((seconds - 604800) * 1000000) << 8  AS week_ago,
    ((seconds - 2592000) * 1000000) << 8 AS month_ago
FROM unix;

-- Every request, one row each.
CREATE VIEW requests AS
SELECT
    id,
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
    (SELECT name FROM signal_name WHERE number = access.signal) AS signal
FROM access;

-- Requests of a second and more; the condition stands on the table, where the partial index answers it.
CREATE VIEW slow_requests AS
SELECT * FROM requests WHERE id IN (SELECT id FROM access WHERE duration_us >= 1000000);

-- Requests that the server failed: 5xx, timeout, crashed, killed, shed. A client that left (aborted) is not among them.
CREATE VIEW failed_requests AS
SELECT * FROM requests WHERE id IN (
    SELECT id FROM access WHERE status >= 500
    UNION
    SELECT id FROM access WHERE outcome <> 0 AND outcome <> 1);

-- Messages: of handlers, of the server, and of the log about itself.
CREATE VIEW errors AS
SELECT
    id,
    strftime('%Y-%m-%dT%H:%M:%S', ((id >> 8) - late_us) / 1000000 + 1577836800, 'unixepoch')
        || printf('.%03dZ', ((id >> 8) - late_us) / 1000 % 1000) AS time,
    CASE WHEN request_id IS NOT NULL THEN printf('%016x', request_id) END AS request_id,
    worker,
    CASE level WHEN 0 THEN 'emergency' WHEN 1 THEN 'alert' WHEN 2 THEN 'critical' WHEN 3 THEN 'error'
        WHEN 4 THEN 'warning' WHEN 5 THEN 'notice' WHEN 6 THEN 'info' WHEN 7 THEN 'debug' ELSE level END AS level,
    CASE typeof(message) WHEN 'integer' THEN (SELECT value FROM message AS d WHERE d.id = error.message)
        ELSE message END AS message,
    CASE typeof(client) WHEN 'integer' THEN (SELECT value FROM client AS d WHERE d.id = error.client)
        ELSE client END AS client
FROM error;

-- Messages with the request that they belong to; id is the message's, request the request's key in `requests`.
-- CROSS JOIN keeps the messages outside, so that the partial index of access finds each request.
CREATE VIEW request_errors AS
SELECT
    errors.id,
    errors.time,
    errors.request_id,
    errors.level,
    errors.message,
    requests.id AS request,
    requests.worker,
    requests.client,
    requests.method,
    requests.host,
    requests.path,
    requests.query,
    requests.status,
    requests.outcome,
    requests.duration_ms
FROM error
CROSS JOIN access ON access.request_id = error.request_id AND access.flags & 1
JOIN errors ON errors.id = error.id
JOIN requests ON requests.id = access.id;

-- Counters for every minute, hour and day (UTC) that saw a request; `time` is its start, `failed` counts the outcomes
-- timeout, crashed, killed and shed. These three read all rows of the log.
CREATE VIEW minutes AS
SELECT
    strftime('%Y-%m-%dT%H:%M:%SZ', ((id >> 8) - late_us) / 60000000 * 60 + 1577836800, 'unixepoch') AS time,
    count(*) AS requests,
    coalesce(sum(status BETWEEN 200 AND 299), 0) AS status_2xx,
    coalesce(sum(status BETWEEN 300 AND 399), 0) AS status_3xx,
    coalesce(sum(status BETWEEN 400 AND 499), 0) AS status_4xx,
    coalesce(sum(status >= 500), 0) AS status_5xx,
    sum(outcome = 1) AS aborted,
    sum(outcome > 1) AS failed,
    sum(bytes_in) AS bytes_in,
    sum(bytes_out) AS bytes_out,
    avg(duration_us) / 1000.0 AS duration_mean_ms,
    max(duration_us) / 1000.0 AS duration_max_ms
FROM access GROUP BY ((id >> 8) - late_us) / 60000000;

CREATE VIEW hours AS
SELECT
    strftime('%Y-%m-%dT%H:%M:%SZ', ((id >> 8) - late_us) / 3600000000 * 3600 + 1577836800, 'unixepoch') AS time,
    count(*) AS requests,
    coalesce(sum(status BETWEEN 200 AND 299), 0) AS status_2xx,
    coalesce(sum(status BETWEEN 300 AND 399), 0) AS status_3xx,
    coalesce(sum(status BETWEEN 400 AND 499), 0) AS status_4xx,
    coalesce(sum(status >= 500), 0) AS status_5xx,
    sum(outcome = 1) AS aborted,
    sum(outcome > 1) AS failed,
    sum(bytes_in) AS bytes_in,
    sum(bytes_out) AS bytes_out,
    avg(duration_us) / 1000.0 AS duration_mean_ms,
    max(duration_us) / 1000.0 AS duration_max_ms
FROM access GROUP BY ((id >> 8) - late_us) / 3600000000;

CREATE VIEW days AS
SELECT
    strftime('%Y-%m-%dT%H:%M:%SZ', ((id >> 8) - late_us) / 86400000000 * 86400 + 1577836800, 'unixepoch') AS time,
    count(*) AS requests,
    coalesce(sum(status BETWEEN 200 AND 299), 0) AS status_2xx,
    coalesce(sum(status BETWEEN 300 AND 399), 0) AS status_3xx,
    coalesce(sum(status BETWEEN 400 AND 499), 0) AS status_4xx,
    coalesce(sum(status >= 500), 0) AS status_5xx,
    sum(outcome = 1) AS aborted,
    sum(outcome > 1) AS failed,
    sum(bytes_in) AS bytes_in,
    sum(bytes_out) AS bytes_out,
    avg(duration_us) / 1000.0 AS duration_mean_ms,
    max(duration_us) / 1000.0 AS duration_max_ms
FROM access GROUP BY ((id >> 8) - late_us) / 86400000000;

-- Every life of a process of the server.
CREATE VIEW workers AS
SELECT
    role,
    slot,
    generation,
    pid,
    strftime('%Y-%m-%dT%H:%M:%S', started_us / 1000000, 'unixepoch')
        || printf('.%03dZ', started_us / 1000 % 1000) AS started,
    strftime('%Y-%m-%dT%H:%M:%S', ended_us / 1000000, 'unixepoch')
        || printf('.%03dZ', ended_us / 1000 % 1000) AS ended,
    reason,
    (SELECT name FROM signal_name WHERE number = worker_run.signal) AS signal,
    status,
    requests,
    printf('%016x', source) AS source
FROM worker_run;

-- Requests under the attribute names of OpenTelemetry's HTTP semantic conventions; the duration is in seconds.
-- Sizes are of whole messages, head included, hence http.request.size and not http.request.body.size.
CREATE VIEW otel AS
SELECT
    id,
    time,
    method AS "http.request.method",
    'http' AS "url.scheme",
    path AS "url.path",
    query AS "url.query",
    status AS "http.response.status_code",
    CASE WHEN rtrim(host, '0123456789') LIKE '%:' THEN substr(host, 1, length(rtrim(host, '0123456789')) - 1)
        ELSE host END AS "server.address",
    CASE WHEN rtrim(host, '0123456789') LIKE '%:'
        THEN CAST(substr(host, length(rtrim(host, '0123456789')) + 1) AS INTEGER) END AS "server.port",
    client AS "client.address",
    agent AS "user_agent.original",
    'http' AS "network.protocol.name",
    substr(protocol, 6) AS "network.protocol.version",
    duration_ms / 1000.0 AS "http.server.request.duration",
    bytes_in AS "http.request.size",
    bytes_out AS "http.response.size",
    CASE WHEN outcome <> 'ok' THEN outcome WHEN status >= 500 THEN CAST(status AS TEXT) END AS "error.type"
FROM requests;
