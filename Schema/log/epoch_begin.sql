-- Keys begin again behind ?1; cursors of readers carry the number of the epoch, and go back to where it began.
INSERT INTO meta (key, value) VALUES ('epoch', 1), ('epoch_id', ?1)
ON CONFLICT (key) DO UPDATE SET value = CASE key WHEN 'epoch' THEN value + 1 ELSE excluded.value END;
