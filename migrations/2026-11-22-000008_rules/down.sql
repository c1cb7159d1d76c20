DROP TABLE rule_changes, rule_batches, rule_run_leaves, rule_runs, rule_schedules;
ALTER TABLE store_settings DROP COLUMN rule_guard_percent;
