DROP VIEW customer_days;
DROP TABLE customer_running_totals, customer_other_orders, store_days;

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

CREATE OR REPLACE FUNCTION recompute_purchases(touched uuid[]) RETURNS void LANGUAGE plpgsql AS $$
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
CREATE OR REPLACE FUNCTION rebuild_purchases() RETURNS void LANGUAGE plpgsql AS $$
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

SELECT rebuild_purchases();
