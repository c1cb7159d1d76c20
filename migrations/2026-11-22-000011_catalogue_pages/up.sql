-- Lists of products, price lists and visibility groups: sorted, searched and paged by indexes, with counts that are kept
-- (SPEC 12, 15; docs/adr/0004).
CREATE INDEX products_name ON products (lower(name), id);
CREATE INDEX products_price ON products (base_price, id);
CREATE INDEX products_by_category ON products (category, id);
CREATE INDEX products_not_active ON products (status, sku) WHERE status <> 'active';
CREATE INDEX price_lists_name ON price_lists (lower(name), id);
CREATE INDEX visibility_groups_search ON visibility_groups USING gin (lower(name) gin_trgm_ops);
CREATE INDEX group_visibility_products_product ON group_visibility_products (product_id);
CREATE INDEX group_pricing_products_product ON group_pricing_products (product_id);

ALTER TABLE price_lists ADD COLUMN entry_count integer NOT NULL DEFAULT 0
    CONSTRAINT price_lists_entry_count_natural CHECK (entry_count >= 0);
ALTER TABLE visibility_groups ADD COLUMN product_count integer NOT NULL DEFAULT 0
    CONSTRAINT visibility_groups_product_count_natural CHECK (product_count >= 0);
UPDATE price_lists l SET entry_count = (SELECT count(*) FROM price_list_entries e WHERE e.price_list_id = l.id);
UPDATE visibility_groups v
SET product_count = (SELECT count(*) FROM visibility_group_products p WHERE p.visibility_group_id = v.id);

-- A statement is looked at as a whole: an import of a million entries is a few updates of their lists.
CREATE FUNCTION price_list_entries_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE price_lists l SET entry_count = l.entry_count + n.entries
    FROM (SELECT price_list_id, count(*) AS entries FROM new_rows GROUP BY price_list_id) n WHERE l.id = n.price_list_id;
    RETURN NULL;
END $$;
CREATE TRIGGER price_list_entries_added AFTER INSERT ON price_list_entries REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION price_list_entries_added();

CREATE FUNCTION price_list_entries_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE price_lists l SET entry_count = l.entry_count - o.entries
    FROM (SELECT price_list_id, count(*) AS entries FROM old_rows GROUP BY price_list_id) o WHERE l.id = o.price_list_id;
    RETURN NULL;
END $$;
CREATE TRIGGER price_list_entries_removed AFTER DELETE ON price_list_entries REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION price_list_entries_removed();

CREATE FUNCTION visibility_group_products_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE visibility_groups v SET product_count = v.product_count + n.products
    FROM (SELECT visibility_group_id, count(*) AS products FROM new_rows GROUP BY visibility_group_id) n
    WHERE v.id = n.visibility_group_id;
    RETURN NULL;
END $$;
CREATE TRIGGER visibility_group_products_added AFTER INSERT ON visibility_group_products
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION visibility_group_products_added();

CREATE FUNCTION visibility_group_products_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE visibility_groups v SET product_count = v.product_count - o.products
    FROM (SELECT visibility_group_id, count(*) AS products FROM old_rows GROUP BY visibility_group_id) o
    WHERE v.id = o.visibility_group_id;
    RETURN NULL;
END $$;
CREATE TRIGGER visibility_group_products_removed AFTER DELETE ON visibility_group_products
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION visibility_group_products_removed();
