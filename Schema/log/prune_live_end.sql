-- The texts that rows name are not needed any more.
DROP TABLE IF EXISTS temp.live;
