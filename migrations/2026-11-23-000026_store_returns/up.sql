-- How many customers bought on a day and, before that, last on another (`-infinity`: never). Whoever bought in a stretch of
-- days is counted once in it: on the first such day, the one whose previous lies before the stretch. So how many bought
-- between any two days, and how many came back, are sums over these rows, without a look at any customer
-- (docs/adr/0029).
CREATE TABLE store_returns (
    day date NOT NULL,
    previous date NOT NULL,
    customers bigint NOT NULL,
    PRIMARY KEY (day, previous),
    CONSTRAINT store_returns_order CHECK (previous < day)
);

-- The same for each customer. Days with credit notes only are no purchases.
CREATE VIEW customer_returns AS
SELECT r.customer_id, d.day, lag(d.day, 1, '-infinity') OVER (PARTITION BY r.customer_id ORDER BY d.day) AS previous
FROM customer_running_totals r, unnest(r.days, r.orders[:cardinality(r.days)], r.orders[2:]) AS d (day, before, until)
WHERE d.until > d.before;

-- Recomputes the roll-ups of the given customers from their order headers. Writers of orders call it in their
-- own transaction. The customers are locked in the order of their ids, so that two writers can't cross.
CREATE OR REPLACE FUNCTION recompute_purchases(touched uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    store_currency text := (SELECT currency FROM store_settings);
BEGIN
    PERFORM 1 FROM customers WHERE id = ANY (touched) ORDER BY id FOR NO KEY UPDATE;

    CREATE TEMP TABLE IF NOT EXISTS recomputed_days (
        customer_id uuid, day date, net bigint, gross bigint, cost bigint, orders integer
    ) ON COMMIT DELETE ROWS;
    TRUNCATE recomputed_days;
    INSERT INTO recomputed_days (customer_id, day, net, gross, cost, orders)
    SELECT customer_id, day, sum(net), sum(gross), sum(cost), count(*) FILTER (WHERE NOT is_credit_note)
    FROM orders
    WHERE customer_id = ANY (touched) AND status = 'completed' AND currency = store_currency
    GROUP BY 1, 2;

    -- The store's days change by the difference between what these customers were and what they are.
    INSERT INTO store_days AS s (day, net, gross, cost, orders)
    SELECT day, sum(net), sum(gross), sum(cost), sum(orders) FROM (
        SELECT day, net, gross, cost, orders FROM recomputed_days
        UNION ALL
        SELECT day, -net, -gross, -cost, -orders FROM customer_days WHERE customer_id = ANY (touched)
    ) d GROUP BY day HAVING (sum(net), sum(gross), sum(cost), sum(orders)) <> (0, 0, 0, 0) ORDER BY day
    ON CONFLICT (day) DO UPDATE SET
        net = s.net + excluded.net, gross = s.gross + excluded.gross,
        cost = s.cost + excluded.cost, orders = s.orders + excluded.orders;

    -- So do the days on which they came back.
    INSERT INTO store_returns AS s (day, previous, customers)
    SELECT day, previous, sum(customers) FROM (
        SELECT day, lag(day, 1, '-infinity') OVER (PARTITION BY customer_id ORDER BY day) AS previous, 1 AS customers
        FROM recomputed_days WHERE orders > 0
        UNION ALL
        SELECT day, previous, -1 FROM customer_returns WHERE customer_id = ANY (touched)
    ) d GROUP BY day, previous HAVING sum(customers) <> 0 ORDER BY day, previous
    ON CONFLICT (day, previous) DO UPDATE SET customers = s.customers + excluded.customers;

    DELETE FROM customer_running_totals WHERE customer_id = ANY (touched);
    INSERT INTO customer_running_totals (customer_id, days, net, gross, cost, orders)
    SELECT customer_id, array_agg(day ORDER BY day), 0::bigint || array_agg(net ORDER BY day),
           0::bigint || array_agg(gross ORDER BY day), 0::bigint || array_agg(cost ORDER BY day),
           0 || array_agg(orders ORDER BY day)
    FROM (
        SELECT customer_id, day, (sum(net) OVER until)::bigint AS net, (sum(gross) OVER until)::bigint AS gross,
               (sum(cost) OVER until)::bigint AS cost, (sum(orders) OVER until)::integer AS orders
        FROM recomputed_days WINDOW until AS (PARTITION BY customer_id ORDER BY day)
    ) t GROUP BY customer_id;

    DELETE FROM customer_purchases WHERE customer_id = ANY (touched);
    INSERT INTO customer_purchases (customer_id, net, gross, cost, orders, first_order_on, last_order_on)
    SELECT customer_id, sum(net), sum(gross), sum(cost), sum(orders), min(day) FILTER (WHERE orders > 0),
           max(day) FILTER (WHERE orders > 0)
    FROM recomputed_days GROUP BY customer_id;

    DELETE FROM customer_other_orders WHERE customer_id = ANY (touched);
    INSERT INTO customer_other_orders (customer_id, orders)
    SELECT customer_id, count(*) FROM orders WHERE customer_id = ANY (touched) AND currency <> store_currency GROUP BY 1;
END $$;

-- Recomputes everything: after a large import, and when the store's time zone or currency changes.
CREATE OR REPLACE FUNCTION rebuild_purchases() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    store_currency text := (SELECT currency FROM store_settings);
BEGIN
    LOCK TABLE customer_purchases, customer_running_totals, customer_other_orders, store_days, store_returns IN EXCLUSIVE MODE;
    DELETE FROM customer_running_totals;
    INSERT INTO customer_running_totals (customer_id, days, net, gross, cost, orders)
    SELECT customer_id, array_agg(day ORDER BY day), 0::bigint || array_agg(net ORDER BY day),
           0::bigint || array_agg(gross ORDER BY day), 0::bigint || array_agg(cost ORDER BY day),
           0 || array_agg(orders ORDER BY day)
    FROM (
        SELECT customer_id, day, (sum(sum(net)) OVER until)::bigint AS net, (sum(sum(gross)) OVER until)::bigint AS gross,
               (sum(sum(cost)) OVER until)::bigint AS cost,
               (sum(count(*) FILTER (WHERE NOT is_credit_note)) OVER until)::integer AS orders
        FROM orders WHERE status = 'completed' AND currency = store_currency
        GROUP BY customer_id, day WINDOW until AS (PARTITION BY customer_id ORDER BY day)
    ) t GROUP BY customer_id;
    DELETE FROM store_returns;
    INSERT INTO store_returns (day, previous, customers)
    SELECT day, previous, count(*) FROM customer_returns GROUP BY 1, 2;
    DELETE FROM customer_purchases;
    INSERT INTO customer_purchases (customer_id, net, gross, cost, orders, first_order_on, last_order_on)
    SELECT customer_id, sum(net), sum(gross), sum(cost), count(*) FILTER (WHERE NOT is_credit_note),
           min(day) FILTER (WHERE NOT is_credit_note), max(day) FILTER (WHERE NOT is_credit_note)
    FROM orders WHERE status = 'completed' AND currency = store_currency
    GROUP BY 1;
    DELETE FROM store_days;
    INSERT INTO store_days (day, net, gross, cost, orders)
    SELECT day, sum(net), sum(gross), sum(cost), count(*) FILTER (WHERE NOT is_credit_note)
    FROM orders WHERE status = 'completed' AND currency = store_currency
    GROUP BY 1;
    DELETE FROM customer_other_orders;
    INSERT INTO customer_other_orders (customer_id, orders)
    SELECT customer_id, count(*) FROM orders WHERE currency <> store_currency GROUP BY 1;
END $$;

INSERT INTO store_returns (day, previous, customers)
SELECT day, previous, count(*) FROM customer_returns GROUP BY 1, 2;
