-- Whether a file is an access log, and of which schema.
SELECT application_id, user_version FROM pragma_application_id, pragma_user_version;
