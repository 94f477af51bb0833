-- Transactions of imports behind :after_id up to :last_id that stored requests, and the keys of those.
SELECT id, first_id, last_id FROM import
WHERE id > :after_id AND id <= :last_id AND first_id IS NOT NULL ORDER BY id;
