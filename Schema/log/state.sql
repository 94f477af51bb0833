-- What a file is, before it is written to; a new file has no tables and both numbers are 0.
SELECT
    (SELECT application_id FROM pragma_application_id) AS application_id,
    (SELECT user_version FROM pragma_user_version) AS user_version,
    (SELECT count(*) FROM sqlite_schema) AS tables;
