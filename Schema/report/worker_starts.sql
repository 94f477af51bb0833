-- When the lives of workers began, slot by slot.
SELECT slot, started_us FROM worker_run WHERE role = 'worker' ORDER BY slot, started_us;
