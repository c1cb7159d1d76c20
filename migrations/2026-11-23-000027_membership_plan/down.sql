DROP FUNCTION begin_membership_plan();
