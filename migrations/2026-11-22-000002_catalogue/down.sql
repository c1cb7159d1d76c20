DROP TABLE group_visibility_products, group_visibility_groups, visibility_group_products, visibility_groups,
    group_pricing_products, group_pricing_categories, group_price_lists, price_list_entries, price_lists, products;
