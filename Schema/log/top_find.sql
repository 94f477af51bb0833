-- The busiest keys of one kind of an hour or a day.
SELECT lines FROM top WHERE id = ?1;
