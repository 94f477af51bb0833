-- Pages of the database that hold something, those that hold nothing, and the bytes of one.
SELECT
    (SELECT page_count FROM pragma_page_count) - (SELECT freelist_count FROM pragma_freelist_count) AS used,
    (SELECT freelist_count FROM pragma_freelist_count) AS free,
    (SELECT page_size FROM pragma_page_size) AS page_bytes;
