-- Rules look at memberships by hand (in_group) and at organizations' codes, which are not on the customer's own row
-- (SPEC 5: runs "for the customers whose data changed"). Whoever changes those has the customers concerned noted in the
-- same transaction, whatever the way; where no rule asks for them, that costs one look into an empty index.
CREATE INDEX groups_rule_in_group ON groups (id)
    WHERE deleted_at IS NULL AND type <> 'manual' AND rule @? '$.**.field ? (@ == "in_group")';
CREATE INDEX groups_rule_organization ON groups (id)
    WHERE deleted_at IS NULL AND type <> 'manual' AND rule @? '$.**.field ? (@ == "organization")';

CREATE FUNCTION note_for_rules(touched uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    batch uuid := uuid_v7();
    -- Looking at all is less work than keeping a list of a good part of them.
    all_of_them boolean := cardinality(touched) > 1000
        AND cardinality(touched)::bigint * 4 > (SELECT customers FROM store_totals);
BEGIN
    IF coalesce(cardinality(touched), 0) = 0 THEN
        RETURN;
    END IF;
    INSERT INTO rule_batches (id, made_at, cause, actor_kind, actor_name, everybody)
    VALUES (batch, now(), 'change', 'rule_run', '', all_of_them);
    INSERT INTO rule_changes (batch_id, customer_id) SELECT DISTINCT batch, c FROM unnest(touched) c WHERE NOT all_of_them;
END $$;

CREATE FUNCTION memberships_by_hand_are_noted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched uuid[];
BEGIN
    IF NOT EXISTS (
        SELECT FROM groups
        WHERE deleted_at IS NULL AND type <> 'manual' AND rule @? '$.**.field ? (@ == "in_group")'
    ) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT customer_id) INTO touched FROM new_rows WHERE by_hand;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT customer_id) INTO touched FROM old_rows WHERE by_hand;
    ELSE
        SELECT array_agg(DISTINCT n.customer_id) INTO touched
        FROM new_rows n JOIN old_rows o ON o.group_id = n.group_id AND o.customer_id = n.customer_id
        WHERE o.by_hand <> n.by_hand;
    END IF;
    PERFORM note_for_rules(touched);
    RETURN NULL;
END $$;
CREATE TRIGGER memberships_inserted_noted AFTER INSERT ON memberships
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memberships_by_hand_are_noted();
CREATE TRIGGER memberships_updated_noted AFTER UPDATE ON memberships
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION memberships_by_hand_are_noted();
CREATE TRIGGER memberships_deleted_noted AFTER DELETE ON memberships
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION memberships_by_hand_are_noted();

-- A deleted group has no members for rules; a restored one has them again.
CREATE FUNCTION members_of_deleted_are_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM groups
        WHERE deleted_at IS NULL AND type <> 'manual' AND rule @? '$.**.field ? (@ == "in_group")'
    ) THEN
        PERFORM note_for_rules(array(SELECT customer_id FROM memberships WHERE group_id = NEW.id AND by_hand));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER groups_deleted_noted AFTER UPDATE OF deleted_at ON groups
    FOR EACH ROW WHEN ((OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL))
    EXECUTE FUNCTION members_of_deleted_are_noted();

CREATE FUNCTION customers_of_renamed_are_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM groups
        WHERE deleted_at IS NULL AND type <> 'manual' AND rule @? '$.**.field ? (@ == "organization")'
    ) THEN
        PERFORM note_for_rules(array(SELECT id FROM customers WHERE organization_id = NEW.id));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER organizations_renamed_noted AFTER UPDATE OF code ON organizations
    FOR EACH ROW WHEN (OLD.code <> NEW.code) EXECUTE FUNCTION customers_of_renamed_are_noted();
