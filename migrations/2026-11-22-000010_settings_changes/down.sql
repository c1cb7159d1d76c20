DROP INDEX orders_unpaid;
DROP TRIGGER visibility_group_changed ON visibility_groups;
DROP FUNCTION visibility_group_changed();
DROP TRIGGER price_list_changed ON price_lists;
DROP FUNCTION price_list_changed();
DROP TRIGGER group_changed ON groups;
DROP TRIGGER group_made ON groups;
DROP FUNCTION group_itself_changed();
DO $$
DECLARE
    section text;
BEGIN
    FOREACH section IN ARRAY ARRAY[
        'group_pricing', 'group_pricing_categories', 'group_pricing_products', 'group_price_lists', 'group_visibility',
        'group_visibility_groups', 'group_visibility_products', 'group_portal', 'group_payment_terms'
    ] LOOP
        EXECUTE format('DROP TRIGGER section_inserted ON %I', section);
        EXECUTE format('DROP TRIGGER section_updated ON %I', section);
        EXECUTE format('DROP TRIGGER section_deleted ON %I', section);
    END LOOP;
END $$;
DROP FUNCTION section_changed();
DROP FUNCTION group_settings_changed(uuid[]);
DROP TABLE settings_changes;
