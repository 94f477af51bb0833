-- Stores the summary of a minute, an hour or a day, also in the place of an earlier one.
INSERT OR REPLACE INTO rollup (
    id, requests, without_status, status_1xx, status_2xx, status_3xx, status_4xx, status_5xx, aborted, timeout, crashed,
    killed, shed, bytes_in, bytes_out, duration_us, duration_max_us, latency, clients)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19);
