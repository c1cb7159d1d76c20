//! One COPY for each table.

use crate::bench_data::rows::Rows;
use crate::bench_data::shop::Shop;
// The schema has tables of the same names.
use crate::bench_data::{catalogue, customers as people, groups as tree, orders as sales};
use crate::error::Result;
use crate::schema;
use diesel::ExecuteCopyFromDsl;
use diesel::pg::{CopyFormat, PgConnection};

/// Streams rows into columns of a table; `$write` is given the [`Rows`] to write them to.
macro_rules! copy {
    ($conn:ident, $progress:ident, $table:ident ($($column:ident),+), |$rows:ident| $write:expr) => {{
        use schema::$table;
        diesel::copy_from($table::table)
            .from_raw_data(($($table::$column,)+), |out: &mut dyn std::io::Write| -> Result<()> {
                let mut sink = Rows::new(out, $progress);
                let $rows = &mut sink;
                $write?;
                sink.finish()
            })
            .with_format(CopyFormat::Text)
            .execute($conn)?;
    }};
}

/// Writes the small tables: the catalogue, the groups with their settings, the organizations.
pub fn write_small(conn: &mut PgConnection, shop: &Shop, progress: &dyn Fn(usize)) -> Result<()> {
    let Shop { sizes, calendar, products, groups } = shop;
    let silent = &|_| ();
    copy!(
        conn,
        silent,
        products(id, sku, name, category, base_price, cost, currency, status, created_at, updated_at),
        |rows| catalogue::write_products(products, calendar, rows)
    );
    copy!(
        conn,
        silent,
        price_lists(id, code, name, currency, status, valid_from, valid_to, created_at, updated_at),
        |rows| catalogue::write_price_lists(sizes, calendar, rows)
    );
    copy!(conn, silent, visibility_groups(id, name, created_at, updated_at), |rows| {
        catalogue::write_visibility_groups(calendar, rows)
    });
    copy!(conn, silent, visibility_group_products(visibility_group_id, product_id), |rows| {
        catalogue::write_shown(products, calendar, rows)
    });
    copy!(
        conn,
        silent,
        groups(
            id,
            code,
            name,
            description,
            status,
            type_,
            parent_id,
            rule,
            inherit_pricing,
            inherit_visibility,
            inherit_portal,
            inherit_payment_terms,
            origin,
            created_at,
            updated_at
        ),
        |rows| tree::write_groups(groups, calendar, rows)
    );
    copy!(conn, silent, rule_schedules(group_id, every), |rows| tree::write_schedules(groups, rows));
    write_settings(conn, shop)?;
    copy!(conn, progress, organizations(id, code, name, group_id, created_at, updated_at), |rows| {
        people::write_organizations(sizes, groups, calendar, rows)
    });
    Ok(())
}

fn write_settings(conn: &mut PgConnection, shop: &Shop) -> Result<()> {
    let Shop { sizes, calendar, products, groups } = shop;
    let silent = &|_| ();
    copy!(
        conn,
        silent,
        group_pricing(group_id, method, percent, fixed_amount, adds_to_inherited, scope, minimum_order_amount),
        |rows| tree::write_pricing(groups, rows)
    );
    copy!(conn, silent, group_pricing_categories(group_id, category), |rows| {
        tree::write_pricing_categories(groups, rows)
    });
    copy!(conn, silent, group_price_lists(group_id, price_list_id, priority), |rows| {
        tree::write_assigned_lists(groups, sizes, calendar, rows)
    });
    copy!(conn, silent, group_visibility(group_id, access), |rows| tree::write_visibility(groups, rows));
    copy!(conn, silent, group_visibility_groups(group_id, visibility_group_id), |rows| {
        tree::write_visibility_choices(groups, calendar, rows)
    });
    copy!(conn, silent, group_visibility_products(group_id, product_id, mode), |rows| {
        tree::write_visibility_products(groups, products, rows)
    });
    copy!(conn, silent, group_portal(group_id, login, shop, quotes, orders, invoices), |rows| {
        tree::write_portal(groups, rows)
    });
    copy!(
        conn,
        silent,
        group_payment_terms(group_id, methods, net_days, credit_limit, require_po, early_percent, early_days),
        |rows| tree::write_terms(groups, rows)
    );
    Ok(())
}

/// Writes the customers.
pub fn write_customers(conn: &mut PgConnection, shop: &Shop, progress: &dyn Fn(usize)) -> Result<()> {
    copy!(
        conn,
        progress,
        customers(
            id,
            code,
            name,
            email,
            status,
            country,
            region,
            customer_since,
            payment_history,
            organization_id,
            tags,
            metadata,
            created_at,
            updated_at
        ),
        |rows| people::write_customers(&shop.sizes, &shop.calendar, rows)
    );
    Ok(())
}

/// Writes the memberships and the events of their joining.
pub fn write_memberships(conn: &mut PgConnection, shop: &Shop, progress: &dyn Fn(usize)) -> Result<()> {
    let Shop { sizes, calendar, groups, .. } = shop;
    copy!(conn, progress, memberships(group_id, customer_id, since, by_hand, by_rule, is_primary), |rows| {
        people::write_memberships(sizes, groups, calendar, rows)
    });
    copy!(
        conn,
        progress,
        membership_events(id, at, group_id, customer_id, kind, assignment, actor_kind, actor_name),
        |rows| people::write_joins(sizes, groups, calendar, rows)
    );
    Ok(())
}

/// Writes the entries of the price lists.
pub fn write_entries(conn: &mut PgConnection, shop: &Shop, progress: &dyn Fn(usize)) -> Result<()> {
    let Shop { sizes, calendar, products, .. } = shop;
    copy!(conn, progress, price_list_entries(price_list_id, product_id, min_quantity, price), |rows| {
        catalogue::write_entries(sizes, products, calendar, rows)
    });
    Ok(())
}

/// Writes the orders.
pub fn write_orders(conn: &mut PgConnection, shop: &Shop, progress: &dyn Fn(usize)) -> Result<()> {
    let Shop { sizes, calendar, products, .. } = shop;
    copy!(
        conn,
        progress,
        orders(
            id,
            order_number,
            customer_id,
            placed_at,
            day,
            status,
            currency,
            net,
            gross,
            cost,
            is_credit_note,
            paid_at,
            due_at
        ),
        |rows| sales::write_orders(sizes, products, calendar, rows)
    );
    Ok(())
}

/// Writes the orders' lines.
pub fn write_lines(conn: &mut PgConnection, shop: &Shop, progress: &dyn Fn(usize)) -> Result<()> {
    let Shop { sizes, calendar, products, .. } = shop;
    copy!(
        conn,
        progress,
        order_lines(order_id, line, product_id, quantity, unit_price, list_price, unit_cost),
        |rows| sales::write_lines(sizes, products, calendar, rows)
    );
    Ok(())
}
