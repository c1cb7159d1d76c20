-- Users, sessions, API tokens, sign-in throttling and the audit log (SPEC 2, 14).
CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    password_hash text NOT NULL,
    disabled_at timestamptz,
    last_sign_in_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_email_form CHECK (char_length(email) BETWEEN 3 AND 254 AND position('@' IN email) > 1),
    CONSTRAINT users_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
    CONSTRAINT users_role_known CHECK (role IN ('viewer', 'editor', 'admin'))
);
CREATE UNIQUE INDEX users_email ON users (lower(email));

CREATE TABLE sessions (
    -- SHA-256 of the key in the cookie: who reads this table can't take a session over.
    id bytea PRIMARY KEY,
    user_id uuid REFERENCES users (id) ON DELETE CASCADE,
    state jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE tokens (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    role text NOT NULL,
    -- SHA-256 of the token, which is 256 random bits: a slow hash would add nothing.
    token_hash bytea NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_on date,
    revoked_at timestamptz,
    CONSTRAINT tokens_hash UNIQUE (token_hash),
    CONSTRAINT tokens_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
    CONSTRAINT tokens_role_known CHECK (role IN ('viewer', 'editor', 'admin'))
);

-- Failed sign-ins of the last minutes, by account and by address; both as SHA-256.
CREATE TABLE sign_in_failures (
    id uuid PRIMARY KEY,
    subject bytea NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX sign_in_failures_subject ON sign_in_failures (subject, at);
CREATE INDEX sign_in_failures_at ON sign_in_failures (at);

CREATE TABLE audit_events (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    action text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid,
    subject_name text NOT NULL,
    -- The group whose history shows this event, where there is one.
    group_id uuid,
    before jsonb,
    after jsonb,
    request_id text,
    CONSTRAINT audit_events_actor_known CHECK (actor_kind IN ('user', 'token', 'command_line', 'import', 'rule_run', 'system'))
);
CREATE INDEX audit_events_at ON audit_events (at DESC, id DESC);
CREATE INDEX audit_events_group ON audit_events (group_id, at DESC, id DESC) WHERE group_id IS NOT NULL;
CREATE INDEX audit_events_subject ON audit_events (subject_kind, subject_id, at DESC, id DESC);
CREATE INDEX audit_events_action ON audit_events (action, at DESC, id DESC);
CREATE INDEX audit_events_actor ON audit_events (actor_name, at DESC, id DESC);

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- How a file's columns were mapped the last time, per kind and header (SPEC 11).
CREATE TABLE import_mappings (
    kind text NOT NULL,
    header text NOT NULL,
    mapping jsonb NOT NULL,
    used_at timestamptz NOT NULL,
    PRIMARY KEY (kind, header)
);
