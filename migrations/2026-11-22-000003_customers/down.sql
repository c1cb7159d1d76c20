DROP TRIGGER groups_leave_totals ON groups;
DROP TABLE store_totals, membership_events, membership_exclusions, memberships, customers, organizations;
DROP FUNCTION groups_leave_totals(), memberships_stay_put(), memberships_are_counted(), customers_are_counted();
