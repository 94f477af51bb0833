-- A look at the newest row of every table, which finds a file that was cut short or overwritten at its end. The first
-- read has the schema parsed, and SQLite compare the size of the file with what its header says.
SELECT
    (SELECT max(id) FROM access), (SELECT max(id) FROM error), (SELECT max(id) FROM path), (SELECT max(id) FROM host),
    (SELECT max(id) FROM client), (SELECT max(id) FROM referer), (SELECT max(id) FROM agent),
    (SELECT max(id) FROM message), (SELECT max(source) FROM worker_run), (SELECT max(source) FROM ring_position),
    (SELECT max(key) FROM meta), (SELECT max(id) FROM rollup), (SELECT max(id) FROM top);
