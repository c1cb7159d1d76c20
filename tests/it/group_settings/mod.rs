//! A group's own settings, what they inherit, the tree: pages and API (SPEC 6, 13).

mod api;
mod forms;
mod looked_at;
mod products;
mod tree;

use crate::support::{TestApp, rows};
use diesel::connection::SimpleConnection;
use uuid::Uuid;

/// VIP Customers (15%, Net 30, limit 100,000.00, 2/10) and VIP Platinum below it, which says nothing; Ann is in VIP
/// Platinum, and there is a pen for 100.00.
pub fn shop(app: &TestApp) -> (Uuid, Uuid) {
    let vip = rows::group(&app.db, "VIP", "VIP Customers", None);
    let platinum = rows::group(&app.db, "PLATINUM", "VIP Platinum", Some(vip));
    app.db
        .conn()
        .batch_execute(&format!(
            "INSERT INTO group_pricing (group_id, method, percent) VALUES ('{vip}', 'percentage', 15);
             INSERT INTO group_payment_terms (group_id, methods, net_days, credit_limit, early_percent, early_days)
             VALUES ('{vip}', '{{card,net_terms}}', 30, 10000000, 2, 10);
             INSERT INTO customers (id, code, name) VALUES (uuid_v7(), 'ANN', 'Ann');
             INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule, is_primary)
             SELECT '{platinum}', id, now(), true, false, true FROM customers;
             INSERT INTO products (id, sku, name, base_price, cost, currency, category)
             VALUES (uuid_v7(), 'PEN', 'Pen', 10000, 5000, 'USD', 'Writing')"
        ))
        .unwrap();
    (vip, platinum)
}
