-- Promotions, campaigns and segments (SPEC 8).

CREATE TABLE promotions (
    id uuid PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    status text NOT NULL DEFAULT 'active',
    kind text NOT NULL,
    percent numeric(5, 2),
    amount bigint,
    free_product_id uuid REFERENCES products (id),
    free_quantity integer,
    buy_quantity integer,
    get_quantity integer,
    minimum_purchase bigint,
    valid_from date,
    valid_to date,
    stacks boolean NOT NULL DEFAULT true,
    combinable boolean NOT NULL DEFAULT true,
    priority integer NOT NULL DEFAULT 10,
    -- Only while no "in" target was ever chosen; a trigger below turns it off for good.
    reaches_everyone boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    search text NOT NULL GENERATED ALWAYS AS (lower(name || E'\n' || code)) STORED,
    CONSTRAINT promotions_code UNIQUE (code),
    CONSTRAINT promotions_code_form CHECK (code ~ '^[A-Za-z0-9_-]{1,64}$'),
    CONSTRAINT promotions_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
    CONSTRAINT promotions_status_known CHECK (status IN ('active', 'inactive')),
    CONSTRAINT promotions_window CHECK (valid_from <= valid_to),
    CONSTRAINT promotions_minimum_natural CHECK (minimum_purchase >= 0),
    CONSTRAINT promotions_priority_positive CHECK (priority >= 1),
    CONSTRAINT promotions_value CHECK (
        CASE kind
            WHEN 'percent' THEN percent > 0 AND percent <= 100
            WHEN 'amount' THEN amount > 0
            WHEN 'free_shipping' THEN true
            WHEN 'free_item' THEN free_product_id IS NOT NULL AND free_quantity >= 1
            WHEN 'bogo' THEN buy_quantity >= 1 AND get_quantity >= 1
            ELSE false
        END IS TRUE
    ),
    CONSTRAINT promotions_one_value CHECK (
        (kind = 'percent') = (percent IS NOT NULL)
        AND (kind = 'amount') = (amount IS NOT NULL)
        AND (kind = 'free_item') = (free_product_id IS NOT NULL)
        AND (kind = 'free_item') = (free_quantity IS NOT NULL)
        AND (kind = 'bogo') = (buy_quantity IS NOT NULL)
        AND (kind = 'bogo') = (get_quantity IS NOT NULL)
    )
);
CREATE INDEX promotions_search ON promotions USING gin (search gin_trgm_ops);
CREATE INDEX promotions_name ON promotions (lower(name), id);
CREATE INDEX promotions_free_product ON promotions (free_product_id) WHERE free_product_id IS NOT NULL;

-- Groups are deleted softly, so a deleted target stays a target.
CREATE TABLE promotion_targets (
    promotion_id uuid NOT NULL REFERENCES promotions (id) ON DELETE CASCADE,
    group_id uuid NOT NULL REFERENCES groups (id),
    is_in boolean NOT NULL,
    PRIMARY KEY (promotion_id, group_id)
);
CREATE INDEX promotion_targets_group ON promotion_targets (group_id);

CREATE FUNCTION promotion_is_targeted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE promotions SET reaches_everyone = false WHERE id = NEW.promotion_id AND reaches_everyone;
    RETURN NULL;
END $$;
CREATE TRIGGER promotion_is_targeted AFTER INSERT OR UPDATE ON promotion_targets
    FOR EACH ROW WHEN (NEW.is_in) EXECUTE FUNCTION promotion_is_targeted();

CREATE FUNCTION promotion_stays_targeted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.reaches_everyone := false;
    RETURN NEW;
END $$;
CREATE TRIGGER promotion_stays_targeted BEFORE UPDATE OF reaches_everyone ON promotions
    FOR EACH ROW WHEN (NOT OLD.reaches_everyone AND NEW.reaches_everyone) EXECUTE FUNCTION promotion_stays_targeted();

CREATE TABLE segments (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    -- A rule as SPEC 5 writes it; without one, the groups alone decide.
    rule jsonb,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT segments_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
    CONSTRAINT segments_description_length CHECK (char_length(description) <= 2000)
);
CREATE UNIQUE INDEX segments_name ON segments (lower(name));
CREATE INDEX segments_search ON segments USING gin (lower(name) gin_trgm_ops);

CREATE TABLE segment_groups (
    segment_id uuid NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
    group_id uuid NOT NULL REFERENCES groups (id),
    is_in boolean NOT NULL,
    PRIMARY KEY (segment_id, group_id)
);
CREATE INDEX segment_groups_group ON segment_groups (group_id);

CREATE TABLE campaigns (
    id uuid PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    status text NOT NULL DEFAULT 'active',
    valid_from date,
    valid_to date,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    search text NOT NULL GENERATED ALWAYS AS (lower(name || E'\n' || code)) STORED,
    CONSTRAINT campaigns_code UNIQUE (code),
    CONSTRAINT campaigns_code_form CHECK (code ~ '^[A-Za-z0-9_-]{1,64}$'),
    CONSTRAINT campaigns_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
    CONSTRAINT campaigns_status_known CHECK (status IN ('active', 'inactive')),
    CONSTRAINT campaigns_window CHECK (valid_from <= valid_to)
);
CREATE INDEX campaigns_search ON campaigns USING gin (search gin_trgm_ops);
CREATE INDEX campaigns_name ON campaigns (lower(name), id);

-- A segment that a campaign asks for can't be deleted: without it the campaign would reach everyone.
CREATE TABLE campaign_segments (
    campaign_id uuid NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    segment_id uuid NOT NULL REFERENCES segments (id),
    PRIMARY KEY (campaign_id, segment_id)
);
CREATE INDEX campaign_segments_segment ON campaign_segments (segment_id);

CREATE TABLE campaign_promotions (
    campaign_id uuid NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    promotion_id uuid NOT NULL REFERENCES promotions (id) ON DELETE CASCADE,
    PRIMARY KEY (campaign_id, promotion_id)
);
CREATE INDEX campaign_promotions_promotion ON campaign_promotions (promotion_id);
