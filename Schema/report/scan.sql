-- Requests of a span of keys. scan_row is a function of httpstats: it takes the columns that a question needs, all at
-- once, which costs half of asking for one after the other.
SELECT scan_row(:row, $columns) FROM access WHERE id >= :since_id AND id < :until_id ORDER BY id $direction;
