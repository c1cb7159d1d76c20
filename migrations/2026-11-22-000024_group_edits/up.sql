-- Which groups were edited, and in which transaction, beside the changes of settings (settings_changes): who keeps
-- groups elsewhere removes them after that (docs/adr/0023). Counts of members don't count: they change all day.
CREATE TABLE group_edits (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    group_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT group_edits_once UNIQUE (transaction, group_id)
);

CREATE FUNCTION group_edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO group_edits (group_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER group_edited AFTER UPDATE ON groups FOR EACH ROW
    WHEN ((OLD.version, OLD.description, OLD.type, OLD.capacity, OLD.updated_at)
          IS DISTINCT FROM (NEW.version, NEW.description, NEW.type, NEW.capacity, NEW.updated_at))
    EXECUTE FUNCTION group_edited();
