-- Requests of a span of keys, with the columns that a question needs and no others.
SELECT $columns FROM access WHERE id >= :since_id AND id < :until_id ORDER BY id $direction;
