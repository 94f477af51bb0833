-- Which requests are summed up, and from which key on minutes and hours are left; NULL where nothing was removed.
SELECT
    (SELECT value FROM meta WHERE key = 'summed_from') AS summed_from,
    (SELECT value FROM meta WHERE key = 'summed_minute') AS summed_minute,
    (SELECT value FROM meta WHERE key = 'summed_hour') AS summed_hour,
    (SELECT value FROM meta WHERE key = 'summed_day') AS summed_day,
    (SELECT value FROM meta WHERE key = 'minutes_from') AS minutes_from,
    (SELECT value FROM meta WHERE key = 'hours_from') AS hours_from;
