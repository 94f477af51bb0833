-- Requests of the span that were answered with 404, and those that were answered with content.
SELECT id, status, path, referer, client FROM access
WHERE id >= :since_id AND id < :until_id AND (status = 404 OR status BETWEEN 200 AND 299 OR status = 304);
