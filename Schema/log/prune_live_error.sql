-- Notes the texts that some messages name.
INSERT OR IGNORE INTO temp.live (dictionary, id)
SELECT 'client', client FROM error WHERE id > :after_id AND id <= :last_id AND typeof(client) = 'integer'
UNION ALL SELECT 'message', message FROM error WHERE id > :after_id AND id <= :last_id AND typeof(message) = 'integer';
