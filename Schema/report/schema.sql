-- The public views and their columns.
SELECT m.name AS view, group_concat(c.name, ', ') AS columns
FROM sqlite_schema AS m, pragma_table_info(m.name) AS c WHERE m.type = 'view' GROUP BY m.name ORDER BY m.name;
