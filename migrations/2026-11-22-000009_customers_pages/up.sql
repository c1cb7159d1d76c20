-- Lists of customers and organizations: sorted, filtered and paged by indexes at a million rows (SPEC 12, 15).
CREATE INDEX customers_by_since ON customers (customer_since, id);
CREATE INDEX customers_by_country ON customers (country, lower(name), id);
-- Nearly all are active; a walk by name finds those at once.
CREATE INDEX customers_not_active ON customers (status, lower(name), id) WHERE status <> 'active';
CREATE INDEX customers_by_payment_history ON customers (payment_history, lower(name), id) WHERE payment_history IS NOT NULL;
CREATE INDEX customers_tags ON customers USING gin (tags);
CREATE INDEX customer_purchases_by_net ON customer_purchases (net, customer_id);
CREATE INDEX customer_purchases_by_last_order ON customer_purchases (last_order_on, customer_id) WHERE last_order_on IS NOT NULL;
-- An organization's customers by name, in the place of the plain one.
CREATE INDEX customers_of_organization ON customers (organization_id, lower(name), id) WHERE organization_id IS NOT NULL;
DROP INDEX customers_organization;
CREATE INDEX organizations_name ON organizations (lower(name), id);

-- Whether saving a customer with the name of a group that isn't there makes the group (SPEC 13).
ALTER TABLE store_settings ADD COLUMN create_missing_groups boolean NOT NULL DEFAULT true;
