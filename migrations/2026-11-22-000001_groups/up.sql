-- Customer groups, their tree and their four setting sections (SPEC 3 and 6).
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE groups (
    id uuid PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    status text NOT NULL DEFAULT 'active',
    type text NOT NULL DEFAULT 'manual',
    parent_id uuid REFERENCES groups (id),
    capacity integer,
    metadata jsonb NOT NULL DEFAULT '{}',
    rule jsonb,
    inherit_pricing boolean NOT NULL DEFAULT true,
    inherit_visibility boolean NOT NULL DEFAULT true,
    inherit_portal boolean NOT NULL DEFAULT true,
    inherit_payment_terms boolean NOT NULL DEFAULT true,
    origin text NOT NULL DEFAULT 'console',
    member_count integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    last_reviewed_at timestamptz,
    last_reviewed_by text,
    search text NOT NULL GENERATED ALWAYS AS (lower(name || E'\n' || code)) STORED,
    CONSTRAINT groups_code_form CHECK (code ~ '^[A-Z0-9_-]{1,32}$'),
    CONSTRAINT groups_name_form CHECK (char_length(name) BETWEEN 1 AND 120 AND position(';' IN name) = 0),
    CONSTRAINT groups_description_length CHECK (char_length(description) <= 2000),
    CONSTRAINT groups_status_known CHECK (status IN ('active', 'inactive')),
    CONSTRAINT groups_type_known CHECK (type IN ('manual', 'automatic', 'hybrid')),
    CONSTRAINT groups_origin_known CHECK (origin IN ('system', 'console', 'api', 'import', 'sync', 'demo')),
    CONSTRAINT groups_capacity_positive CHECK (capacity > 0),
    CONSTRAINT groups_metadata_object CHECK (jsonb_typeof(metadata) = 'object'),
    CONSTRAINT groups_member_count_natural CHECK (member_count >= 0),
    -- One root, All Customers: it alone has no parent, and it can't be deleted, made inactive or re-coded.
    CONSTRAINT groups_one_root CHECK ((parent_id IS NULL) = (id = '01900000-0000-7000-8000-000000000000')),
    CONSTRAINT groups_root_stays CHECK (
        id <> '01900000-0000-7000-8000-000000000000'
        OR (code = 'ALL' AND status = 'active' AND type = 'manual' AND deleted_at IS NULL AND capacity IS NULL)
    )
);

CREATE UNIQUE INDEX groups_live_code ON groups (code) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX groups_live_name ON groups (lower(name)) WHERE deleted_at IS NULL;
CREATE INDEX groups_parent ON groups (parent_id);
CREATE INDEX groups_by_members ON groups (member_count DESC, id) WHERE deleted_at IS NULL;
CREATE INDEX groups_by_creation ON groups (created_at, id);
CREATE INDEX groups_search ON groups USING gin (search gin_trgm_ops);

-- No cycles, at most 8 levels below the root, no live group under a deleted one (SPEC 3).
CREATE FUNCTION groups_hold_tree() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ancestor uuid := NEW.parent_id;
    above integer := 0;
    below integer := 0;
BEGIN
    IF NEW.parent_id IS NULL OR NEW.deleted_at IS NOT NULL THEN
        RETURN NEW;
    END IF;
    -- Two moves that are harmless alone can close a cycle together: one tree change at a time.
    PERFORM pg_advisory_xact_lock(7300001);
    IF EXISTS (SELECT 1 FROM groups WHERE id = NEW.parent_id AND deleted_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the parent group is deleted' USING ERRCODE = 'check_violation', CONSTRAINT = 'groups_live_parent';
    END IF;
    WHILE ancestor IS NOT NULL LOOP
        IF ancestor = NEW.id THEN
            RAISE EXCEPTION 'a group cannot stand under itself' USING ERRCODE = 'check_violation', CONSTRAINT = 'groups_no_cycle';
        END IF;
        above := above + 1;
        EXIT WHEN above > 8;
        SELECT parent_id INTO ancestor FROM groups WHERE id = ancestor;
    END LOOP;
    IF TG_OP = 'UPDATE' THEN
        WITH RECURSIVE subtree(id, depth) AS (
            SELECT NEW.id, 0
            UNION ALL
            SELECT g.id, s.depth + 1 FROM groups g JOIN subtree s ON g.parent_id = s.id
            WHERE g.deleted_at IS NULL AND s.depth <= 8
        )
        SELECT max(depth) INTO below FROM subtree;
    END IF;
    IF above + below > 8 THEN
        RAISE EXCEPTION 'the tree is at most 8 levels deep' USING ERRCODE = 'check_violation', CONSTRAINT = 'groups_depth';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER groups_hold_tree BEFORE INSERT OR UPDATE OF parent_id, deleted_at ON groups
    FOR EACH ROW EXECUTE FUNCTION groups_hold_tree();

CREATE TABLE group_pricing (
    group_id uuid PRIMARY KEY REFERENCES groups (id) ON DELETE CASCADE,
    method text,
    percent numeric(5, 2),
    fixed_amount bigint,
    adds_to_inherited boolean NOT NULL DEFAULT false,
    scope text NOT NULL DEFAULT 'all',
    stack_with_promotions boolean,
    minimum_order_amount bigint,
    minimum_order_quantity integer,
    no_minimum_order boolean NOT NULL DEFAULT false,
    notes text NOT NULL DEFAULT '',
    CONSTRAINT group_pricing_method_known CHECK (method IN ('none', 'price_lists', 'percentage', 'fixed')),
    CONSTRAINT group_pricing_percent_range CHECK (percent BETWEEN 0 AND 100),
    CONSTRAINT group_pricing_fixed_natural CHECK (fixed_amount >= 0),
    CONSTRAINT group_pricing_value_of_method CHECK (
        (method IS NOT DISTINCT FROM 'percentage') = (percent IS NOT NULL)
        AND (method IS NOT DISTINCT FROM 'fixed') = (fixed_amount IS NOT NULL)
    ),
    CONSTRAINT group_pricing_adds_percentage CHECK (NOT adds_to_inherited OR method = 'percentage'),
    CONSTRAINT group_pricing_scope_known CHECK (scope IN ('all', 'categories', 'products')),
    CONSTRAINT group_pricing_minimum_natural CHECK (minimum_order_amount >= 0 AND minimum_order_quantity >= 0),
    CONSTRAINT group_pricing_minimum_or_none CHECK (
        NOT no_minimum_order OR (minimum_order_amount IS NULL AND minimum_order_quantity IS NULL)
    ),
    CONSTRAINT group_pricing_notes_length CHECK (char_length(notes) <= 2000),
    -- Of pricing, All Customers holds only minimum order and stacking (SPEC 3).
    CONSTRAINT group_pricing_root CHECK (group_id <> '01900000-0000-7000-8000-000000000000' OR method IS NULL)
);

CREATE TABLE group_visibility (
    group_id uuid PRIMARY KEY REFERENCES groups (id) ON DELETE CASCADE,
    access text,
    CONSTRAINT group_visibility_access_known CHECK (access IN ('all', 'visibility_groups', 'products'))
);

CREATE TABLE group_portal (
    group_id uuid PRIMARY KEY REFERENCES groups (id) ON DELETE CASCADE,
    login boolean,
    shop text,
    quotes boolean,
    orders boolean,
    invoices text,
    CONSTRAINT group_portal_shop_known CHECK (shop IN ('none', 'limited', 'full')),
    CONSTRAINT group_portal_invoices_known CHECK (invoices IN ('none', 'limited', 'full'))
);

CREATE TABLE group_payment_terms (
    group_id uuid PRIMARY KEY REFERENCES groups (id) ON DELETE CASCADE,
    methods text[],
    net_days integer,
    credit_limit bigint,
    auto_approve_under bigint,
    require_po boolean,
    early_percent numeric(5, 2),
    early_days integer,
    -- Fields that are explicitly none; a field that is neither here nor set is inherited.
    explicit_none text[] NOT NULL DEFAULT '{}',
    CONSTRAINT group_payment_terms_methods_known CHECK (methods <@ ARRAY['card', 'ach', 'wire', 'net_terms', 'cash']),
    CONSTRAINT group_payment_terms_net_days CHECK (net_days BETWEEN 1 AND 365),
    CONSTRAINT group_payment_terms_natural CHECK (credit_limit >= 0 AND auto_approve_under >= 0),
    CONSTRAINT group_payment_terms_early_whole CHECK ((early_percent IS NULL) = (early_days IS NULL)),
    CONSTRAINT group_payment_terms_early_range CHECK (early_percent > 0 AND early_percent <= 100 AND early_days BETWEEN 1 AND 365),
    CONSTRAINT group_payment_terms_none_known CHECK (
        explicit_none <@ ARRAY['net_days', 'credit_limit', 'auto_approve_under', 'early_payment']
    ),
    CONSTRAINT group_payment_terms_value_or_none CHECK (
        NOT ('net_days' = ANY (explicit_none) AND net_days IS NOT NULL)
        AND NOT ('credit_limit' = ANY (explicit_none) AND credit_limit IS NOT NULL)
        AND NOT ('auto_approve_under' = ANY (explicit_none) AND auto_approve_under IS NOT NULL)
        AND NOT ('early_payment' = ANY (explicit_none) AND early_percent IS NOT NULL)
    )
);

INSERT INTO groups (id, code, name, description, origin)
VALUES ('01900000-0000-7000-8000-000000000000', 'ALL', 'All Customers',
        'Every customer. Its settings are the bottom layer that every group inherits.', 'system');
