-- The store, its orders, and the purchases rolled up from them (SPEC 1, 10; DESIGN "Speed is designed in").
CREATE TABLE store_settings (
    id boolean PRIMARY KEY DEFAULT true,
    currency text NOT NULL DEFAULT 'USD',
    time_zone text NOT NULL DEFAULT 'UTC',
    default_group_id uuid REFERENCES groups (id),
    flat_shipping bigint NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT store_settings_one_row CHECK (id),
    CONSTRAINT store_settings_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT store_settings_shipping_natural CHECK (flat_shipping >= 0),
    CONSTRAINT store_settings_default_not_root CHECK (default_group_id <> '01900000-0000-7000-8000-000000000000')
);
INSERT INTO store_settings DEFAULT VALUES;

CREATE TABLE orders (
    id uuid PRIMARY KEY,
    order_number text NOT NULL,
    customer_id uuid NOT NULL REFERENCES customers (id),
    placed_at timestamptz NOT NULL,
    -- The store day of placed_at: rewritten when the store's time zone changes.
    day date NOT NULL,
    status text NOT NULL DEFAULT 'completed',
    currency text NOT NULL,
    -- Minor units, summed over the lines: paid, at list price, at cost.
    net bigint NOT NULL,
    gross bigint NOT NULL,
    cost bigint NOT NULL,
    -- Only negative lines: lowers revenue and cost, and is no order (SPEC 11).
    is_credit_note boolean NOT NULL,
    paid_at timestamptz,
    due_at timestamptz,
    CONSTRAINT orders_order_number UNIQUE (order_number),
    CONSTRAINT orders_order_number_length CHECK (char_length(order_number) BETWEEN 1 AND 64),
    CONSTRAINT orders_status_known CHECK (status IN ('completed', 'open', 'cancelled')),
    CONSTRAINT orders_currency_form CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE INDEX orders_customer_day ON orders (customer_id, day);
CREATE INDEX orders_day ON orders (day);

CREATE TABLE order_lines (
    order_id uuid NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    line integer NOT NULL,
    product_id uuid NOT NULL REFERENCES products (id),
    quantity integer NOT NULL,
    unit_price bigint NOT NULL,
    list_price bigint NOT NULL,
    unit_cost bigint NOT NULL,
    PRIMARY KEY (order_id, line),
    CONSTRAINT order_lines_quantity_not_zero CHECK (quantity <> 0),
    CONSTRAINT order_lines_amounts_natural CHECK (unit_price >= 0 AND list_price >= 0 AND unit_cost >= 0)
);

-- Completed orders in the store's currency, over the whole life of a customer.
CREATE TABLE customer_purchases (
    customer_id uuid PRIMARY KEY REFERENCES customers (id) ON DELETE CASCADE,
    net bigint NOT NULL,
    gross bigint NOT NULL,
    cost bigint NOT NULL,
    orders integer NOT NULL,
    first_order_on date,
    last_order_on date
);

CREATE TABLE customer_months (
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    month date NOT NULL,
    net bigint NOT NULL,
    gross bigint NOT NULL,
    cost bigint NOT NULL,
    orders integer NOT NULL,
    PRIMARY KEY (customer_id, month),
    CONSTRAINT customer_months_first_day CHECK (extract(day FROM month) = 1)
);

CREATE TABLE store_months (
    month date PRIMARY KEY,
    net bigint NOT NULL,
    gross bigint NOT NULL,
    cost bigint NOT NULL,
    orders bigint NOT NULL,
    CONSTRAINT store_months_first_day CHECK (extract(day FROM month) = 1)
);

-- Recomputes the roll-ups of the given customers from their order headers. Writers of orders call it in their
-- own transaction. The customers are locked in the order of their ids, so that two writers can't cross.
CREATE FUNCTION recompute_purchases(touched uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    store_currency text := (SELECT currency FROM store_settings);
BEGIN
    PERFORM 1 FROM customers WHERE id = ANY (touched) ORDER BY id FOR NO KEY UPDATE;

    CREATE TEMP TABLE IF NOT EXISTS recomputed_months (LIKE customer_months) ON COMMIT DELETE ROWS;
    TRUNCATE recomputed_months;
    INSERT INTO recomputed_months (customer_id, month, net, gross, cost, orders)
    SELECT customer_id, date_trunc('month', day)::date, sum(net), sum(gross), sum(cost), count(*) FILTER (WHERE NOT is_credit_note)
    FROM orders
    WHERE customer_id = ANY (touched) AND status = 'completed' AND currency = store_currency
    GROUP BY 1, 2;

    -- The store's months change by the difference between what these customers were and what they are.
    INSERT INTO store_months AS s (month, net, gross, cost, orders)
    SELECT month, sum(net), sum(gross), sum(cost), sum(orders) FROM (
        SELECT month, net, gross, cost, orders FROM recomputed_months
        UNION ALL
        SELECT month, -net, -gross, -cost, -orders FROM customer_months WHERE customer_id = ANY (touched)
    ) d GROUP BY month ORDER BY month
    ON CONFLICT (month) DO UPDATE SET
        net = s.net + excluded.net, gross = s.gross + excluded.gross,
        cost = s.cost + excluded.cost, orders = s.orders + excluded.orders;

    DELETE FROM customer_months WHERE customer_id = ANY (touched);
    INSERT INTO customer_months SELECT * FROM recomputed_months;

    DELETE FROM customer_purchases WHERE customer_id = ANY (touched);
    INSERT INTO customer_purchases (customer_id, net, gross, cost, orders, first_order_on, last_order_on)
    SELECT customer_id, sum(net), sum(gross), sum(cost), count(*) FILTER (WHERE NOT is_credit_note),
           min(day) FILTER (WHERE NOT is_credit_note), max(day) FILTER (WHERE NOT is_credit_note)
    FROM orders
    WHERE customer_id = ANY (touched) AND status = 'completed' AND currency = store_currency
    GROUP BY customer_id;
END $$;

-- Recomputes everything: after a large import, and when the store's time zone or currency changes.
CREATE FUNCTION rebuild_purchases() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    store_currency text := (SELECT currency FROM store_settings);
BEGIN
    LOCK TABLE customer_purchases, customer_months, store_months IN EXCLUSIVE MODE;
    DELETE FROM customer_months;
    INSERT INTO customer_months (customer_id, month, net, gross, cost, orders)
    SELECT customer_id, date_trunc('month', day)::date, sum(net), sum(gross), sum(cost), count(*) FILTER (WHERE NOT is_credit_note)
    FROM orders WHERE status = 'completed' AND currency = store_currency
    GROUP BY 1, 2;
    DELETE FROM customer_purchases;
    INSERT INTO customer_purchases (customer_id, net, gross, cost, orders, first_order_on, last_order_on)
    SELECT customer_id, sum(net), sum(gross), sum(cost), count(*) FILTER (WHERE NOT is_credit_note),
           min(day) FILTER (WHERE NOT is_credit_note), max(day) FILTER (WHERE NOT is_credit_note)
    FROM orders WHERE status = 'completed' AND currency = store_currency
    GROUP BY 1;
    DELETE FROM store_months;
    INSERT INTO store_months (month, net, gross, cost, orders)
    SELECT month, sum(net), sum(gross), sum(cost), sum(orders) FROM customer_months GROUP BY month;
END $$;
