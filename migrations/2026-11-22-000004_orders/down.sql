DROP FUNCTION rebuild_purchases(), recompute_purchases(uuid[]);
DROP TABLE store_months, customer_months, customer_purchases, order_lines, orders, store_settings;
