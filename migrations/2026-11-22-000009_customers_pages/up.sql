-- Lists of customers and organizations: sorted, filtered and paged by indexes at a million rows (SPEC 12, 15).
-- The list goes by `search`, which begins with the lower-cased name and goes on with code and e-mail address: one index
-- has the order, what is searched and what is most often filtered, so that a page is read from it alone.
CREATE INDEX customers_by_search ON customers (search, id) INCLUDE (status, country, payment_history);
CREATE INDEX customers_of_organization ON customers (organization_id, search, id) WHERE organization_id IS NOT NULL;
DROP INDEX customers_organization;
CREATE INDEX customers_by_since ON customers (customer_since, id);
CREATE INDEX customers_country ON customers (country);
-- Nearly all are active; a walk by name finds those at once.
CREATE INDEX customers_not_active ON customers (status) WHERE status <> 'active';
CREATE INDEX customers_payment_history ON customers (payment_history);
CREATE INDEX customers_tags ON customers USING gin (tags);
CREATE INDEX customer_purchases_by_net ON customer_purchases (net, customer_id);
CREATE INDEX customer_purchases_by_last_order ON customer_purchases (last_order_on, customer_id) WHERE last_order_on IS NOT NULL;
CREATE INDEX organizations_name ON organizations (lower(name), id);
-- How many have a fragment is estimated from samples: a hundred are too few to tell one in a hundred from none.
ALTER TABLE customers ALTER COLUMN search SET STATISTICS 1000;

-- Whether saving a customer with the name of a group that isn't there makes the group (SPEC 13).
ALTER TABLE store_settings ADD COLUMN create_missing_groups boolean NOT NULL DEFAULT true;
