-- Whether table access has rows, and whether it is that of access_4.sql.
SELECT
    EXISTS (SELECT 1 FROM access) AS has_rows,
    EXISTS (SELECT 1 FROM pragma_table_info('access') WHERE name = 'facts') AS is_packed;
