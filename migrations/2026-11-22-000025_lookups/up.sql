-- A customer's groups in the order in which one of them decides (SPEC 6), answered by the index alone: prices, what a
-- customer gets and the impact of a change all ask for them. It finds what the index on the customer alone found.
CREATE INDEX memberships_of_customer ON memberships (customer_id, is_primary DESC, since, group_id);
DROP INDEX memberships_customer;

-- Every change of a customer asks for the rules there are, of which there are few among ten thousand groups.
CREATE INDEX groups_with_rule ON groups (id) WHERE rule IS NOT NULL AND deleted_at IS NULL;
