-- What the log says of requests and messages of the span that found no room in it; only the log itself writes such rows.
SELECT message FROM error
WHERE id >= :since_id AND id < :until_id AND request_id IS NULL AND typeof(message) = 'text'
    AND message GLOB 'The log was full: *';
