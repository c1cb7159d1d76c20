-- Products, price lists and visibility groups, and what groups hold of them (SPEC 1, 6, 7).
CREATE TABLE products (
    id uuid PRIMARY KEY,
    sku text NOT NULL,
    name text NOT NULL,
    category text NOT NULL DEFAULT '',
    base_price bigint NOT NULL,
    cost bigint,
    currency text NOT NULL,
    status text NOT NULL DEFAULT 'active',
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    search text NOT NULL GENERATED ALWAYS AS (lower(name || E'\n' || sku)) STORED,
    CONSTRAINT products_sku UNIQUE (sku),
    CONSTRAINT products_sku_length CHECK (char_length(sku) BETWEEN 1 AND 64),
    CONSTRAINT products_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT products_category_length CHECK (char_length(category) <= 120),
    CONSTRAINT products_amounts_natural CHECK (base_price >= 0 AND cost >= 0),
    CONSTRAINT products_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT products_status_known CHECK (status IN ('active', 'inactive'))
);
CREATE INDEX products_search ON products USING gin (search gin_trgm_ops);
CREATE INDEX products_category ON products (category, sku);

CREATE TABLE price_lists (
    id uuid PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    currency text NOT NULL,
    status text NOT NULL DEFAULT 'active',
    valid_from date,
    valid_to date,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    search text NOT NULL GENERATED ALWAYS AS (lower(name || E'\n' || code)) STORED,
    CONSTRAINT price_lists_code UNIQUE (code),
    CONSTRAINT price_lists_code_form CHECK (code ~ '^[A-Za-z0-9_-]{1,64}$'),
    CONSTRAINT price_lists_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
    CONSTRAINT price_lists_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT price_lists_status_known CHECK (status IN ('active', 'inactive')),
    CONSTRAINT price_lists_window CHECK (valid_from <= valid_to)
);
CREATE INDEX price_lists_search ON price_lists USING gin (search gin_trgm_ops);

CREATE TABLE price_list_entries (
    price_list_id uuid NOT NULL REFERENCES price_lists (id) ON DELETE CASCADE,
    product_id uuid NOT NULL REFERENCES products (id),
    min_quantity integer NOT NULL DEFAULT 1,
    price bigint NOT NULL,
    PRIMARY KEY (price_list_id, product_id, min_quantity),
    CONSTRAINT price_list_entries_quantity_positive CHECK (min_quantity > 0),
    CONSTRAINT price_list_entries_price_natural CHECK (price >= 0)
);
CREATE INDEX price_list_entries_product ON price_list_entries (product_id);

CREATE TABLE group_price_lists (
    group_id uuid NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    price_list_id uuid NOT NULL REFERENCES price_lists (id) ON DELETE CASCADE,
    priority integer NOT NULL,
    PRIMARY KEY (group_id, price_list_id),
    CONSTRAINT group_price_lists_priority_positive CHECK (priority > 0),
    -- All Customers has no price lists: without a group, base prices (SPEC 3).
    CONSTRAINT group_price_lists_not_root CHECK (group_id <> '01900000-0000-7000-8000-000000000000')
);
CREATE INDEX group_price_lists_list ON group_price_lists (price_list_id);

CREATE TABLE group_pricing_categories (
    group_id uuid NOT NULL REFERENCES group_pricing (group_id) ON DELETE CASCADE,
    category text NOT NULL,
    PRIMARY KEY (group_id, category)
);

CREATE TABLE group_pricing_products (
    group_id uuid NOT NULL REFERENCES group_pricing (group_id) ON DELETE CASCADE,
    product_id uuid NOT NULL REFERENCES products (id),
    PRIMARY KEY (group_id, product_id)
);

CREATE TABLE visibility_groups (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT visibility_groups_name_length CHECK (char_length(name) BETWEEN 1 AND 120)
);
CREATE UNIQUE INDEX visibility_groups_name ON visibility_groups (lower(name));

CREATE TABLE visibility_group_products (
    visibility_group_id uuid NOT NULL REFERENCES visibility_groups (id) ON DELETE CASCADE,
    product_id uuid NOT NULL REFERENCES products (id),
    PRIMARY KEY (visibility_group_id, product_id)
);
CREATE INDEX visibility_group_products_product ON visibility_group_products (product_id);

CREATE TABLE group_visibility_groups (
    group_id uuid NOT NULL REFERENCES group_visibility (group_id) ON DELETE CASCADE,
    visibility_group_id uuid NOT NULL REFERENCES visibility_groups (id),
    PRIMARY KEY (group_id, visibility_group_id)
);
CREATE INDEX group_visibility_groups_group ON group_visibility_groups (visibility_group_id);

CREATE TABLE group_visibility_products (
    group_id uuid NOT NULL REFERENCES group_visibility (group_id) ON DELETE CASCADE,
    product_id uuid NOT NULL REFERENCES products (id),
    mode text NOT NULL,
    PRIMARY KEY (group_id, product_id),
    CONSTRAINT group_visibility_products_mode_known CHECK (mode IN ('included', 'excluded'))
);
