-- How long commits pause for a checkpoint behind readers, in milliseconds.
PRAGMA busy_timeout = 1000;
