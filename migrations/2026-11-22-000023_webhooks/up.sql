-- Webhooks: who is told what, by signed requests (docs/adr/0026). An event and its deliveries are written in the
-- transaction of the change that they tell of.
CREATE TABLE webhook_endpoints (
    id uuid PRIMARY KEY,
    url text NOT NULL,
    description text NOT NULL DEFAULT '',
    -- The kinds of events that it is sent.
    kinds text[] NOT NULL,
    active boolean NOT NULL DEFAULT true,
    -- Why the program itself paused it; empty where a person did.
    paused_because text NOT NULL DEFAULT '',
    -- What requests are signed with, as it is: a hash of it couldn't sign.
    secret bytea NOT NULL,
    -- The one before, which signs as well until then.
    previous_secret bytea,
    previous_until timestamptz,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT webhook_endpoints_url_length CHECK (char_length(url) BETWEEN 8 AND 2000),
    CONSTRAINT webhook_endpoints_description_length CHECK (char_length(description) <= 200),
    CONSTRAINT webhook_endpoints_kinds_some CHECK (cardinality(kinds) BETWEEN 1 AND 100),
    CONSTRAINT webhook_endpoints_secret_length CHECK (octet_length(secret) BETWEEN 24 AND 64),
    CONSTRAINT webhook_endpoints_previous_until CHECK ((previous_secret IS NULL) = (previous_until IS NULL))
);

CREATE TABLE outbox_events (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    occurred_at timestamptz NOT NULL,
    -- Who did it: {kind, id, name}.
    actor jsonb NOT NULL,
    -- What happened, as it is sent.
    data jsonb NOT NULL,
    -- Of a change of members: where all of them are found in membership_events.
    group_id uuid,
    batch_id uuid
);
CREATE INDEX outbox_events_occurred ON outbox_events (occurred_at);

CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY,
    event_id uuid NOT NULL REFERENCES outbox_events (id) ON DELETE CASCADE,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    -- The event's, for the list of an endpoint.
    kind text NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    -- Of this round; a replay begins another one.
    attempts integer NOT NULL DEFAULT 0,
    -- When it is due. While it is on its way: when whoever took it is given up.
    next_at timestamptz,
    -- Who has it on its way.
    lease uuid,
    last_status integer,
    last_error text NOT NULL DEFAULT '',
    last_ms integer,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT webhook_deliveries_state_known CHECK (state IN ('pending', 'retrying', 'delivered', 'dead')),
    CONSTRAINT webhook_deliveries_due CHECK ((next_at IS NOT NULL) = (state IN ('pending', 'retrying'))),
    CONSTRAINT webhook_deliveries_ended CHECK ((ended_at IS NOT NULL) = (state IN ('delivered', 'dead'))),
    CONSTRAINT webhook_deliveries_attempts_natural CHECK (attempts >= 0)
);
CREATE INDEX webhook_deliveries_due_now ON webhook_deliveries (endpoint_id, next_at, id)
    WHERE state IN ('pending', 'retrying');
CREATE INDEX webhook_deliveries_under_way ON webhook_deliveries (endpoint_id, next_at) WHERE lease IS NOT NULL;
CREATE INDEX webhook_deliveries_list ON webhook_deliveries (endpoint_id, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (endpoint_id, state, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_by_kind ON webhook_deliveries (endpoint_id, kind, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_dead ON webhook_deliveries (endpoint_id) WHERE state = 'dead';
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (event_id);

-- The last attempts of a delivery, with what was answered.
CREATE TABLE webhook_attempts (
    delivery_id uuid NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
    number integer NOT NULL,
    at timestamptz NOT NULL,
    status integer,
    error text NOT NULL DEFAULT '',
    -- The beginning of the answer's body.
    answer text NOT NULL DEFAULT '',
    duration_ms integer NOT NULL,
    PRIMARY KEY (delivery_id, number)
);
