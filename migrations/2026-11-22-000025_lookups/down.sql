CREATE INDEX memberships_customer ON memberships (customer_id);
DROP INDEX memberships_of_customer;
DROP INDEX groups_with_rule;
