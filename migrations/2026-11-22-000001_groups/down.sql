DROP TABLE group_payment_terms, group_portal, group_visibility, group_pricing, groups;
DROP FUNCTION groups_hold_tree();
