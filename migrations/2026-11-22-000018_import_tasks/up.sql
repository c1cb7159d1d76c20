-- Imports on the page and by the API: the file that was sent, how far its import is, and what came of it. The file lies
-- here, in pieces, so that any node can import what another one took in (docs/adr/0021).
CREATE TABLE imports (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    file_name text NOT NULL CHECK (char_length(file_name) BETWEEN 1 AND 200),
    file_bytes bigint NOT NULL CHECK (file_bytes >= 0),
    stage text NOT NULL CHECK (stage IN ('received', 'waiting', 'running', 'tried', 'refused', 'imported', 'failed',
                                         'interrupted', 'discarded')),
    dry_run boolean NOT NULL DEFAULT true,
    -- {map: [[column of the file, column of the kind]], set: [[column, value]], create: [what], good_rows}
    options jsonb NOT NULL,
    -- The columns of the file and its first rows, for choosing what is what.
    header jsonb NOT NULL,
    samples jsonb NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    actor_role text NOT NULL,
    request_id text,
    phase text NOT NULL DEFAULT '',
    rows_read bigint NOT NULL DEFAULT 0,
    bytes_read bigint NOT NULL DEFAULT 0,
    report jsonb,
    fault text,
    bad_rows_bytes bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    ended_at timestamptz
);
CREATE INDEX imports_created ON imports (created_at DESC, id DESC);
CREATE INDEX imports_under_way ON imports (created_at, id) WHERE stage IN ('waiting', 'running');

CREATE TABLE import_pieces (
    import_id uuid NOT NULL REFERENCES imports ON DELETE CASCADE,
    part text NOT NULL CHECK (part IN ('file', 'bad_rows')),
    number integer NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (import_id, part, number)
);
-- What is sent is often packed already.
ALTER TABLE import_pieces ALTER bytes SET STORAGE EXTERNAL;
