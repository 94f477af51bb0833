-- The least and the greatest key of the requests; NULL when there are none. Each subquery is one look at the tree.
SELECT (SELECT min(id) FROM access) AS least, (SELECT max(id) FROM access) AS greatest;
