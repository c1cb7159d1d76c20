-- Automatic assignment rules: when each is due, what its runs did, whose data changed (SPEC 5).
ALTER TABLE store_settings
    -- An unattended run that would remove more than this share of a group's members waits for approval.
    ADD COLUMN rule_guard_percent integer NOT NULL DEFAULT 20,
    ADD CONSTRAINT store_settings_rule_guard_range CHECK (rule_guard_percent BETWEEN 0 AND 100);

-- One row per group that has a rule. Whoever runs the rule locks it first: a due run happens once, whatever the number
-- of nodes.
CREATE TABLE rule_schedules (
    group_id uuid PRIMARY KEY REFERENCES groups (id) ON DELETE CASCADE,
    every text NOT NULL DEFAULT 'day',
    -- NULL: not by itself.
    next_run_at timestamptz,
    -- When all customers were last looked at and the members made to fit.
    evaluated_at timestamptz,
    -- Failures in a row; the next try comes later each time.
    failures integer NOT NULL DEFAULT 0,
    CONSTRAINT rule_schedules_every_known CHECK (every IN ('hour', 'day', 'week', 'never'))
);
CREATE INDEX rule_schedules_due ON rule_schedules (next_run_at) WHERE next_run_at IS NOT NULL;
INSERT INTO rule_schedules (group_id, next_run_at) SELECT id, now() FROM groups WHERE rule IS NOT NULL;

-- What runs did, kept for good.
CREATE TABLE rule_runs (
    id uuid PRIMARY KEY,
    group_id uuid NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    started_at timestamptz NOT NULL,
    cause text NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    -- Whether all customers were looked at, or those whose data changed.
    is_full boolean NOT NULL,
    -- Refused and excluded ones included.
    matched bigint NOT NULL DEFAULT 0,
    joined bigint NOT NULL DEFAULT 0,
    "left" bigint NOT NULL DEFAULT 0,
    refused_capacity bigint NOT NULL DEFAULT 0,
    refused_status bigint NOT NULL DEFAULT 0,
    excluded bigint NOT NULL DEFAULT 0,
    duration_ms bigint NOT NULL DEFAULT 0,
    outcome text NOT NULL,
    -- Why it failed.
    failure text,
    -- Who approved or discarded a held run, and when.
    decided_by text,
    decided_at timestamptz,
    CONSTRAINT rule_runs_cause_known CHECK (cause IN ('save', 'by_hand', 'schedule', 'change', 'import', 'approval')),
    CONSTRAINT rule_runs_outcome_known CHECK (outcome IN ('done', 'held', 'approved', 'discarded', 'superseded', 'failed'))
);
CREATE INDEX rule_runs_group ON rule_runs (group_id, started_at DESC, id DESC);
CREATE UNIQUE INDEX rule_runs_one_held ON rule_runs (group_id) WHERE outcome = 'held';

-- Who would leave by a held run.
CREATE TABLE rule_run_leaves (
    run_id uuid NOT NULL REFERENCES rule_runs (id) ON DELETE CASCADE,
    customer_id uuid NOT NULL,
    PRIMARY KEY (run_id, customer_id)
);

-- Customers whose data changed in bulk, until the rules have looked at them. Only inserted into by those who change
-- data: nobody waits for anybody.
CREATE TABLE rule_batches (
    id uuid PRIMARY KEY,
    made_at timestamptz NOT NULL,
    cause text NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    -- Instead of a list: so many that all are looked at.
    everybody boolean NOT NULL DEFAULT false,
    CONSTRAINT rule_batches_cause_known CHECK (cause IN ('change', 'import'))
);
CREATE TABLE rule_changes (
    batch_id uuid NOT NULL REFERENCES rule_batches (id) ON DELETE CASCADE,
    customer_id uuid NOT NULL,
    PRIMARY KEY (batch_id, customer_id)
);
