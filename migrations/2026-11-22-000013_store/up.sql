-- What would have priced an order at the moment it came in, as it was then: the groups that counted with the reason, and
-- for each line the price and what won. Later changes don't touch it (docs/adr/0016).
CREATE TABLE order_pricing (
    order_id uuid PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE,
    taken_at timestamptz NOT NULL,
    snapshot jsonb NOT NULL
);

-- How many prices of shops a group's pricing won on a store day, and a price list. Each node adds what it counted every
-- few seconds.
CREATE TABLE group_price_uses (
    group_id uuid NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    day date NOT NULL,
    prices bigint NOT NULL,
    PRIMARY KEY (group_id, day),
    CONSTRAINT group_price_uses_natural CHECK (prices > 0)
);
CREATE TABLE price_list_uses (
    price_list_id uuid NOT NULL REFERENCES price_lists (id) ON DELETE CASCADE,
    day date NOT NULL,
    prices bigint NOT NULL,
    PRIMARY KEY (price_list_id, day),
    CONSTRAINT price_list_uses_natural CHECK (prices > 0)
);
