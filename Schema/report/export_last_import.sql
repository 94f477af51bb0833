-- The last transaction of an import; 0 when there was none.
SELECT coalesce(max(id), 0) FROM import;
