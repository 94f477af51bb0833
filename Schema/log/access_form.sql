-- Whether table access has rows, and whether it is that of access_4.sql.
SELECT
    EXISTS (SELECT 1 FROM access) AS has_rows,
    (SELECT instr(sql, 'facts') FROM sqlite_schema WHERE type = 'table' AND name = 'access') > 0 AS is_packed;
