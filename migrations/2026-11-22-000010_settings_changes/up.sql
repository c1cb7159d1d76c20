-- Which groups' settings changed, and in which transaction: what programs that keep the settings in memory ask before
-- they use them (docs/adr/0008). A row without a group means "any": it stands for rows that were tidied away.
CREATE TABLE settings_changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    group_id uuid,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT settings_changes_once UNIQUE (transaction, group_id)
);

CREATE FUNCTION group_settings_changed(changed uuid[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO settings_changes (group_id) SELECT DISTINCT unnest(changed) ON CONFLICT DO NOTHING
$$;

-- Sections, assignments and product sets: each of their tables names the group. Whole statements are looked at, so that a
-- set of 100,000 products is one change.
CREATE FUNCTION section_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        PERFORM group_settings_changed(ARRAY(SELECT DISTINCT group_id FROM new_rows));
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM group_settings_changed(ARRAY(SELECT DISTINCT group_id FROM old_rows));
    END IF;
    RETURN NULL;
END $$;

DO $$
DECLARE
    section text;
BEGIN
    FOREACH section IN ARRAY ARRAY[
        'group_pricing', 'group_pricing_categories', 'group_pricing_products', 'group_price_lists', 'group_visibility',
        'group_visibility_groups', 'group_visibility_products', 'group_portal', 'group_payment_terms'
    ] LOOP
        EXECUTE format('CREATE TRIGGER section_inserted AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows
                        FOR EACH STATEMENT EXECUTE FUNCTION section_changed()', section);
        EXECUTE format('CREATE TRIGGER section_updated AFTER UPDATE ON %I
                        REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
                        FOR EACH STATEMENT EXECUTE FUNCTION section_changed()', section);
        EXECUTE format('CREATE TRIGGER section_deleted AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows
                        FOR EACH STATEMENT EXECUTE FUNCTION section_changed()', section);
    END LOOP;
END $$;

-- Of a group only what inheritance looks at; its member count changes all day.
CREATE FUNCTION group_itself_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM group_settings_changed(ARRAY[NEW.id]);
    RETURN NULL;
END $$;
CREATE TRIGGER group_made AFTER INSERT ON groups FOR EACH ROW EXECUTE FUNCTION group_itself_changed();
CREATE TRIGGER group_changed AFTER UPDATE ON groups FOR EACH ROW
    WHEN ((OLD.code, OLD.name, OLD.parent_id, OLD.status, OLD.deleted_at,
           OLD.inherit_pricing, OLD.inherit_visibility, OLD.inherit_portal, OLD.inherit_payment_terms)
          IS DISTINCT FROM
          (NEW.code, NEW.name, NEW.parent_id, NEW.status, NEW.deleted_at,
           NEW.inherit_pricing, NEW.inherit_visibility, NEW.inherit_portal, NEW.inherit_payment_terms))
    EXECUTE FUNCTION group_itself_changed();

-- What assignments say of a list and of a visibility group. A deleted one takes its assignments along, which are noticed.
CREATE FUNCTION price_list_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM group_settings_changed(ARRAY(SELECT group_id FROM group_price_lists WHERE price_list_id = NEW.id));
    RETURN NULL;
END $$;
CREATE TRIGGER price_list_changed AFTER UPDATE ON price_lists FOR EACH ROW
    WHEN ((OLD.code, OLD.name, OLD.currency, OLD.status, OLD.valid_from, OLD.valid_to)
          IS DISTINCT FROM (NEW.code, NEW.name, NEW.currency, NEW.status, NEW.valid_from, NEW.valid_to))
    EXECUTE FUNCTION price_list_changed();

CREATE FUNCTION visibility_group_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM group_settings_changed(ARRAY(SELECT group_id FROM group_visibility_groups WHERE visibility_group_id = NEW.id));
    RETURN NULL;
END $$;
CREATE TRIGGER visibility_group_changed AFTER UPDATE ON visibility_groups FOR EACH ROW
    WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION visibility_group_changed();

-- What customers owe: orders with a due date that aren't paid (SPEC 9, open balance).
CREATE INDEX orders_unpaid ON orders (customer_id) INCLUDE (net, currency)
    WHERE due_at IS NOT NULL AND paid_at IS NULL AND status <> 'cancelled';
