-- What a POST with an Idempotency-Key answered (SPEC 13), written in the transaction that did it: a retry is answered
-- from here. Kept for 24 hours.
CREATE TABLE idempotency_keys (
    token_id uuid NOT NULL REFERENCES tokens ON DELETE CASCADE,
    key text NOT NULL,
    -- SHA-256 of address and body: the same key is never another call.
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    location text,
    etag text,
    body text NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (token_id, key),
    CONSTRAINT idempotency_keys_key_length CHECK (char_length(key) BETWEEN 1 AND 200)
);
CREATE INDEX idempotency_keys_made_at ON idempotency_keys (made_at);
