-- Views that are other in schema 3: they read the summaries, and the rows that are not summed up yet.

-- Counters for every minute, hour and day (UTC) that saw a request; `time` is its start, `failed` counts the outcomes
-- timeout, crashed, killed and shed. A request counts where its key lies, which is when it was committed: a `late_us`
-- after it ended, and that is 0 but for records that had to wait.
DROP VIEW minutes;
DROP VIEW hours;
DROP VIEW days;

CREATE VIEW minutes AS
SELECT
    strftime('%Y-%m-%dT%H:%M:%SZ', start, 'unixepoch') AS time,
    sum(requests) AS requests,
    coalesce(sum(status_2xx), 0) AS status_2xx,
    coalesce(sum(status_3xx), 0) AS status_3xx,
    coalesce(sum(status_4xx), 0) AS status_4xx,
    coalesce(sum(status_5xx), 0) AS status_5xx,
    sum(aborted) AS aborted,
    sum(failed) AS failed,
    sum(bytes_in) AS bytes_in,
    sum(bytes_out) AS bytes_out,
    1.0 * sum(duration_us) / sum(requests) / 1000.0 AS duration_mean_ms,
    max(duration_max_us) / 1000.0 AS duration_max_ms
FROM (
    SELECT id & 1099511627775 AS start, requests, status_2xx, status_3xx, status_4xx, status_5xx, aborted,
        timeout + crashed + killed + shed AS failed, bytes_in, bytes_out, duration_us, duration_max_us
    FROM rollup WHERE id < 1099511627776
    UNION ALL
    SELECT (id >> 8) / 60000000 * 60 + 1577836800, 1, status BETWEEN 200 AND 299, status BETWEEN 300 AND 399,
        status BETWEEN 400 AND 499, status >= 500, outcome = 1, outcome > 1, bytes_in, bytes_out, duration_us,
        duration_us
    FROM access WHERE id >= (SELECT value FROM meta WHERE key = 'summed_minute')
    UNION ALL
    SELECT (id >> 8) / 60000000 * 60 + 1577836800, 1, status BETWEEN 200 AND 299, status BETWEEN 300 AND 399,
        status BETWEEN 400 AND 499, status >= 500, outcome = 1, outcome > 1, bytes_in, bytes_out, duration_us,
        duration_us
    FROM access WHERE id < (SELECT value FROM meta WHERE key = 'summed_from')
) GROUP BY start;

CREATE VIEW hours AS
SELECT
    strftime('%Y-%m-%dT%H:%M:%SZ', start, 'unixepoch') AS time,
    sum(requests) AS requests,
    coalesce(sum(status_2xx), 0) AS status_2xx,
    coalesce(sum(status_3xx), 0) AS status_3xx,
    coalesce(sum(status_4xx), 0) AS status_4xx,
    coalesce(sum(status_5xx), 0) AS status_5xx,
    sum(aborted) AS aborted,
    sum(failed) AS failed,
    sum(bytes_in) AS bytes_in,
    sum(bytes_out) AS bytes_out,
    1.0 * sum(duration_us) / sum(requests) / 1000.0 AS duration_mean_ms,
    max(duration_max_us) / 1000.0 AS duration_max_ms
FROM (
    SELECT id & 1099511627775 AS start, requests, status_2xx, status_3xx, status_4xx, status_5xx, aborted,
        timeout + crashed + killed + shed AS failed, bytes_in, bytes_out, duration_us, duration_max_us
    FROM rollup WHERE id >= 1099511627776 AND id < 2199023255552
    UNION ALL
    SELECT (id >> 8) / 3600000000 * 3600 + 1577836800, 1, status BETWEEN 200 AND 299, status BETWEEN 300 AND 399,
        status BETWEEN 400 AND 499, status >= 500, outcome = 1, outcome > 1, bytes_in, bytes_out, duration_us,
        duration_us
    FROM access WHERE id >= (SELECT value FROM meta WHERE key = 'summed_hour')
    UNION ALL
    SELECT (id >> 8) / 3600000000 * 3600 + 1577836800, 1, status BETWEEN 200 AND 299, status BETWEEN 300 AND 399,
        status BETWEEN 400 AND 499, status >= 500, outcome = 1, outcome > 1, bytes_in, bytes_out, duration_us,
        duration_us
    FROM access WHERE id < (SELECT value FROM meta WHERE key = 'summed_from')
) GROUP BY start;

CREATE VIEW days AS
SELECT
    strftime('%Y-%m-%dT%H:%M:%SZ', start, 'unixepoch') AS time,
    sum(requests) AS requests,
    coalesce(sum(status_2xx), 0) AS status_2xx,
    coalesce(sum(status_3xx), 0) AS status_3xx,
    coalesce(sum(status_4xx), 0) AS status_4xx,
    coalesce(sum(status_5xx), 0) AS status_5xx,
    sum(aborted) AS aborted,
    sum(failed) AS failed,
    sum(bytes_in) AS bytes_in,
    sum(bytes_out) AS bytes_out,
    1.0 * sum(duration_us) / sum(requests) / 1000.0 AS duration_mean_ms,
    max(duration_max_us) / 1000.0 AS duration_max_ms
FROM (
    SELECT id & 1099511627775 AS start, requests, status_2xx, status_3xx, status_4xx, status_5xx, aborted,
        timeout + crashed + killed + shed AS failed, bytes_in, bytes_out, duration_us, duration_max_us
    FROM rollup WHERE id >= 2199023255552
    UNION ALL
    SELECT (id >> 8) / 86400000000 * 86400 + 1577836800, 1, status BETWEEN 200 AND 299, status BETWEEN 300 AND 399,
        status BETWEEN 400 AND 499, status >= 500, outcome = 1, outcome > 1, bytes_in, bytes_out, duration_us,
        duration_us
    FROM access WHERE id >= (SELECT value FROM meta WHERE key = 'summed_day')
    UNION ALL
    SELECT (id >> 8) / 86400000000 * 86400 + 1577836800, 1, status BETWEEN 200 AND 299, status BETWEEN 300 AND 399,
        status BETWEEN 400 AND 499, status >= 500, outcome = 1, outcome > 1, bytes_in, bytes_out, duration_us,
        duration_us
    FROM access WHERE id < (SELECT value FROM meta WHERE key = 'summed_from')
) GROUP BY start;
