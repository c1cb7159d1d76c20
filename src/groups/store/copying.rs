//! A group's settings as a whole.

use crate::error::Result;
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use uuid::Uuid;

/// Copies all setting sections, lists and the rule of one group to another that has none yet.
pub fn copy_settings(conn: &mut PgConnection, from: Uuid, to: Uuid) -> Result<()> {
    let statements = [
        "UPDATE groups t SET rule = s.rule, inherit_pricing = s.inherit_pricing, inherit_visibility = s.inherit_visibility,
                inherit_portal = s.inherit_portal, inherit_payment_terms = s.inherit_payment_terms
         FROM groups s WHERE s.id = $1 AND t.id = $2",
        "INSERT INTO group_pricing (group_id, method, percent, fixed_amount, adds_to_inherited, scope, stack_with_promotions,
                minimum_order_amount, minimum_order_quantity, no_minimum_order, notes)
         SELECT $2, method, percent, fixed_amount, adds_to_inherited, scope, stack_with_promotions,
                minimum_order_amount, minimum_order_quantity, no_minimum_order, notes
         FROM group_pricing WHERE group_id = $1",
        "INSERT INTO group_pricing_categories SELECT $2, category FROM group_pricing_categories WHERE group_id = $1",
        "INSERT INTO group_pricing_products SELECT $2, product_id FROM group_pricing_products WHERE group_id = $1",
        "INSERT INTO group_price_lists SELECT $2, price_list_id, priority FROM group_price_lists WHERE group_id = $1",
        "INSERT INTO group_visibility SELECT $2, access FROM group_visibility WHERE group_id = $1",
        "INSERT INTO group_visibility_groups SELECT $2, visibility_group_id FROM group_visibility_groups WHERE group_id = $1",
        "INSERT INTO group_visibility_products SELECT $2, product_id, mode FROM group_visibility_products WHERE group_id = $1",
        "INSERT INTO group_portal SELECT $2, login, shop, quotes, orders, invoices FROM group_portal WHERE group_id = $1",
        "INSERT INTO group_payment_terms (group_id, methods, net_days, credit_limit, auto_approve_under, require_po,
                early_percent, early_days, explicit_none)
         SELECT $2, methods, net_days, credit_limit, auto_approve_under, require_po, early_percent, early_days, explicit_none
         FROM group_payment_terms WHERE group_id = $1",
    ];
    for statement in statements {
        diesel::sql_query(statement).bind::<SqlUuid, _>(from).bind::<SqlUuid, _>(to).execute(conn)?;
    }
    Ok(())
}
