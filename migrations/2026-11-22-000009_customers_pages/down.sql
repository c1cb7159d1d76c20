ALTER TABLE store_settings DROP COLUMN create_missing_groups;
ALTER TABLE customers ALTER COLUMN search SET STATISTICS -1;
DROP INDEX organizations_name, customer_purchases_by_last_order, customer_purchases_by_net, customers_tags,
    customers_payment_history, customers_not_active, customers_country, customers_by_since, customers_by_search;
CREATE INDEX customers_organization ON customers (organization_id) WHERE organization_id IS NOT NULL;
DROP INDEX customers_of_organization;
