-- How many requests a report over the span reads.
SELECT count(*) AS requests FROM access WHERE id >= :since_id AND id < :until_id;
