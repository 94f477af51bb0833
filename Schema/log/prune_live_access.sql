-- Notes the texts that some requests name.
INSERT OR IGNORE INTO temp.live (dictionary, id)
SELECT 'host', host FROM access WHERE id > :after_id AND id <= :last_id AND typeof(host) = 'integer'
UNION ALL SELECT 'path', path FROM access WHERE id > :after_id AND id <= :last_id AND typeof(path) = 'integer'
UNION ALL SELECT 'client', client FROM access WHERE id > :after_id AND id <= :last_id AND typeof(client) = 'integer'
UNION ALL SELECT 'referer', referer FROM access WHERE id > :after_id AND id <= :last_id AND typeof(referer) = 'integer'
UNION ALL SELECT 'agent', agent FROM access WHERE id > :after_id AND id <= :last_id AND typeof(agent) = 'integer';
