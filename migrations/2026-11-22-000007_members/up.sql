-- What a bulk change of members did, kept for a day so that it can be undone exactly (SPEC 4).
CREATE TABLE membership_batches (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    group_id uuid NOT NULL REFERENCES groups (id),
    kind text NOT NULL,
    -- What it did, and who was refused why.
    outcome jsonb NOT NULL,
    undone_at timestamptz,
    CONSTRAINT membership_batches_kind_known CHECK (kind IN ('added', 'removed', 'undone'))
);
CREATE INDEX membership_batches_at ON membership_batches (at);

-- Each step of a batch at a membership: what it was and what it became; without a "since" there was or is none.
-- No foreign keys: a customer who is deleted meanwhile can't be undone, and says so.
CREATE TABLE membership_batch_steps (
    -- In the order in which they were taken.
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id uuid NOT NULL,
    group_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    was_since timestamptz,
    was_by_hand boolean NOT NULL,
    was_by_rule boolean NOT NULL,
    was_primary boolean NOT NULL,
    is_since timestamptz,
    is_by_hand boolean NOT NULL,
    is_by_rule boolean NOT NULL,
    is_primary boolean NOT NULL
);
CREATE INDEX membership_batch_steps_batch ON membership_batch_steps (batch_id);

-- Which exclusions were made by a batch, so that undoing it lifts these and no others.
ALTER TABLE membership_exclusions ADD COLUMN batch_id uuid;
CREATE INDEX membership_exclusions_since ON membership_exclusions (group_id, since DESC, customer_id DESC);
