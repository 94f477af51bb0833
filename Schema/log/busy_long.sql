-- How long a statement waits for a lock that another connection holds, in milliseconds.
PRAGMA busy_timeout = 5000;
