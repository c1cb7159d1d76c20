DROP TRIGGER visibility_group_products_removed ON visibility_group_products;
DROP TRIGGER visibility_group_products_added ON visibility_group_products;
DROP TRIGGER price_list_entries_removed ON price_list_entries;
DROP TRIGGER price_list_entries_added ON price_list_entries;
DROP FUNCTION visibility_group_products_removed, visibility_group_products_added, price_list_entries_removed,
    price_list_entries_added;
ALTER TABLE visibility_groups DROP COLUMN product_count;
ALTER TABLE price_lists DROP COLUMN entry_count;
DROP INDEX group_pricing_products_product, group_visibility_products_product, visibility_groups_search, price_lists_name,
    products_not_active, products_by_category, products_price, products_name;
