-- Organizations, customers, memberships with their history, and the counts that are kept (SPEC 1, 4).
CREATE TABLE organizations (
    id uuid PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    parent_id uuid REFERENCES organizations (id),
    group_id uuid REFERENCES groups (id),
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    search text NOT NULL GENERATED ALWAYS AS (lower(name || E'\n' || code)) STORED,
    CONSTRAINT organizations_code UNIQUE (code),
    CONSTRAINT organizations_code_length CHECK (char_length(code) BETWEEN 1 AND 64),
    CONSTRAINT organizations_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT organizations_not_own_parent CHECK (parent_id <> id)
);
CREATE INDEX organizations_group ON organizations (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX organizations_parent ON organizations (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX organizations_search ON organizations USING gin (search gin_trgm_ops);

CREATE TABLE customers (
    id uuid PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    email text,
    status text NOT NULL DEFAULT 'active',
    country text,
    region text,
    customer_since date,
    payment_history text,
    organization_id uuid REFERENCES organizations (id),
    tags text[] NOT NULL DEFAULT '{}',
    metadata jsonb NOT NULL DEFAULT '{}',
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    search text NOT NULL GENERATED ALWAYS AS (lower(name || E'\n' || code || E'\n' || coalesce(email, ''))) STORED,
    CONSTRAINT customers_code UNIQUE (code),
    CONSTRAINT customers_code_length CHECK (char_length(code) BETWEEN 1 AND 64),
    CONSTRAINT customers_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT customers_email_length CHECK (char_length(email) <= 254),
    CONSTRAINT customers_status_known CHECK (status IN ('active', 'inactive', 'blocked')),
    CONSTRAINT customers_country_form CHECK (country ~ '^[A-Z]{2}$'),
    CONSTRAINT customers_region_length CHECK (char_length(region) <= 120),
    CONSTRAINT customers_payment_history_known CHECK (payment_history IN ('poor', 'fair', 'good', 'excellent')),
    CONSTRAINT customers_metadata_object CHECK (jsonb_typeof(metadata) = 'object')
);
CREATE INDEX customers_name ON customers (lower(name), id);
CREATE INDEX customers_organization ON customers (organization_id) WHERE organization_id IS NOT NULL;
CREATE INDEX customers_search ON customers USING gin (search gin_trgm_ops);

CREATE TABLE memberships (
    group_id uuid NOT NULL REFERENCES groups (id),
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    since timestamptz NOT NULL,
    by_hand boolean NOT NULL,
    by_rule boolean NOT NULL,
    is_primary boolean NOT NULL DEFAULT false,
    PRIMARY KEY (group_id, customer_id),
    CONSTRAINT memberships_have_a_source CHECK (by_hand OR by_rule),
    -- Every customer is in All Customers by definition, never by a row (SPEC 3).
    CONSTRAINT memberships_not_root CHECK (group_id <> '01900000-0000-7000-8000-000000000000')
);
CREATE INDEX memberships_customer ON memberships (customer_id);
CREATE UNIQUE INDEX memberships_one_primary ON memberships (customer_id) WHERE is_primary;
CREATE INDEX memberships_by_since ON memberships (group_id, since, customer_id);

CREATE TABLE membership_exclusions (
    group_id uuid NOT NULL REFERENCES groups (id),
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    since timestamptz NOT NULL,
    reason text NOT NULL DEFAULT '',
    PRIMARY KEY (group_id, customer_id)
);

-- Every join and leave, kept for good: when, by whom or by what, why (SPEC 4).
CREATE TABLE membership_events (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    group_id uuid NOT NULL REFERENCES groups (id),
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    kind text NOT NULL,
    assignment text NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    reason text NOT NULL DEFAULT '',
    -- The bulk change, rule run or import that this event belongs to.
    batch_id uuid,
    CONSTRAINT membership_events_kind_known CHECK (kind IN ('joined', 'left')),
    CONSTRAINT membership_events_assignment_known CHECK (assignment IN ('manual', 'rule', 'rule_manual'))
);
CREATE INDEX membership_events_group ON membership_events (group_id, at DESC, id DESC);
CREATE INDEX membership_events_customer ON membership_events (customer_id, at DESC, id DESC);

-- Totals that pages show and nothing counts anew: customers, and distinct customers in live groups.
CREATE TABLE store_totals (
    id boolean PRIMARY KEY DEFAULT true,
    customers bigint NOT NULL DEFAULT 0,
    grouped_customers bigint NOT NULL DEFAULT 0,
    CONSTRAINT store_totals_one_row CHECK (id),
    CONSTRAINT store_totals_natural CHECK (customers >= 0 AND grouped_customers >= 0)
);
INSERT INTO store_totals DEFAULT VALUES;

CREATE FUNCTION customers_are_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE store_totals SET customers = customers + (SELECT count(*) FROM new_rows);
    ELSE
        UPDATE store_totals SET customers = customers - (SELECT count(*) FROM old_rows);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER customers_inserted AFTER INSERT ON customers
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION customers_are_counted();
CREATE TRIGGER customers_deleted AFTER DELETE ON customers
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION customers_are_counted();

-- Keeps groups.member_count and store_totals.grouped_customers exact. The totals row is locked before
-- anything is looked at: two transactions that put the same customer into two groups must see each other.
CREATE FUNCTION memberships_are_counted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint;
BEGIN
    PERFORM 1 FROM store_totals FOR UPDATE;
    -- The counts are planned anew each time (EXECUTE), by how many rows there are: what is best for one is the worst for
    -- a million, and the other way round. Both look at each customer's memberships as a set.
    IF TG_OP = 'INSERT' THEN
        UPDATE groups g SET member_count = g.member_count + n.added
        FROM (SELECT group_id, count(*) AS added FROM new_rows GROUP BY group_id ORDER BY group_id) n
        WHERE g.id = n.group_id;
        -- Newly grouped are those who are in no more live groups than they were just put into.
        EXECUTE 'SELECT count(*) FROM (
                     SELECT n.customer_id, count(*) AS added
                     FROM new_rows n JOIN groups g ON g.id = n.group_id AND g.deleted_at IS NULL
                     GROUP BY n.customer_id
                 ) a JOIN (
                     SELECT m.customer_id, count(*) AS total
                     FROM memberships m JOIN groups g ON g.id = m.group_id AND g.deleted_at IS NULL
                     WHERE m.customer_id IN (SELECT customer_id FROM new_rows)
                     GROUP BY m.customer_id
                 ) t ON t.customer_id = a.customer_id AND t.total = a.added' INTO changed;
        UPDATE store_totals SET grouped_customers = grouped_customers + changed WHERE changed <> 0;
    ELSE
        UPDATE groups g SET member_count = g.member_count - o.gone
        FROM (SELECT group_id, count(*) AS gone FROM old_rows GROUP BY group_id ORDER BY group_id) o
        WHERE g.id = o.group_id;
        EXECUTE 'SELECT count(*) FROM (
                     SELECT DISTINCT o.customer_id
                     FROM old_rows o JOIN groups g ON g.id = o.group_id AND g.deleted_at IS NULL
                 ) d
                 WHERE NOT EXISTS (
                     SELECT FROM memberships m JOIN groups g ON g.id = m.group_id AND g.deleted_at IS NULL
                     WHERE m.customer_id = d.customer_id
                 )' INTO changed;
        UPDATE store_totals SET grouped_customers = grouped_customers - changed WHERE changed <> 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER memberships_inserted AFTER INSERT ON memberships
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memberships_are_counted();
CREATE TRIGGER memberships_deleted AFTER DELETE ON memberships
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION memberships_are_counted();

CREATE FUNCTION memberships_stay_put() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a membership is deleted and inserted, never moved' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER memberships_stay_put BEFORE UPDATE OF group_id, customer_id ON memberships
    FOR EACH ROW WHEN (OLD.group_id <> NEW.group_id OR OLD.customer_id <> NEW.customer_id)
    EXECUTE FUNCTION memberships_stay_put();

-- A deleted group no longer counts towards the distinct total; a restored one does again. All groups of a statement
-- are looked at together: a customer may be in several of them.
CREATE FUNCTION groups_leave_totals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint;
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM old_rows o JOIN new_rows n ON n.id = o.id WHERE (o.deleted_at IS NULL) <> (n.deleted_at IS NULL)
    ) THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM store_totals FOR UPDATE;
    WITH turned AS (
        SELECT n.id FROM old_rows o JOIN new_rows n ON n.id = o.id WHERE (o.deleted_at IS NULL) <> (n.deleted_at IS NULL)
    ), concerned AS (
        SELECT DISTINCT customer_id FROM memberships WHERE group_id IN (SELECT id FROM turned)
    ), grouped AS (
        SELECT bool_or(g.deleted_at IS NULL) AS is_now, bool_or((g.deleted_at IS NULL) <> (t.id IS NOT NULL)) AS was_before
        FROM concerned c
        JOIN memberships m ON m.customer_id = c.customer_id
        JOIN groups g ON g.id = m.group_id
        LEFT JOIN turned t ON t.id = g.id
        GROUP BY c.customer_id
    )
    SELECT count(*) FILTER (WHERE is_now) - count(*) FILTER (WHERE was_before) INTO changed FROM grouped;
    UPDATE store_totals SET grouped_customers = grouped_customers + changed WHERE changed <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER groups_leave_totals AFTER UPDATE ON groups
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION groups_leave_totals();
