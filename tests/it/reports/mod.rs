//! Reports: figures against plain SQL over order lines, the pages, the API.

mod api;
mod extras;
mod figures;
mod pages;
mod replica;

use crate::support::{TestApp, TestDb, rows};

/// The demo shop with everything in it that a report can stumble over.
fn troubled() -> TestApp {
    let app = TestApp::demo();
    let db = &app.db;
    rows::run(db, "UPDATE orders SET status = 'cancelled' WHERE get_byte(uuid_send(id), 15) < 20");
    rows::run(db, "UPDATE orders SET status = 'open' WHERE get_byte(uuid_send(id), 15) BETWEEN 20 AND 25");
    rows::run(db, "UPDATE orders SET currency = 'EUR' WHERE get_byte(uuid_send(id), 15) BETWEEN 26 AND 30");
    let vip = rows::group_id(db, "VIP");
    rows::group(db, "EMPTY", "Nobody here", None);
    let quiet = rows::group(db, "QUIET", "Never bought", Some(vip));
    for code in ["Q-1", "Q-2"] {
        let customer = rows::customer(db, code);
        rows::member(db, quiet, customer, "2026-01-01", rows::By::Hand, true);
    }
    // Their members are in other groups, too: subgroups overlap, one is inactive, one is deleted.
    for (code, name, from) in [("RESTING", "Resting", "GOLD"), ("GONE", "Gone", "SILVER"), ("DOUBLE", "Double", "VIP")]
    {
        let group = rows::group(db, code, name, Some(vip));
        rows::run(
            db,
            &format!(
                "INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule)
                 SELECT '{group}', customer_id, since, true, false FROM memberships
                 WHERE group_id = (SELECT id FROM groups WHERE code = '{from}') ORDER BY customer_id LIMIT 20"
            ),
        );
    }
    rows::run(db, "UPDATE groups SET status = 'inactive' WHERE code = 'RESTING'");
    rows::run(db, "UPDATE groups SET deleted_at = now() WHERE code = 'GONE'");
    returned_more(db);
    rows::run(db, "SELECT rebuild_purchases()");
    app
}

/// A group whose only member has credit notes and nothing else: every sum is below zero.
fn returned_more(db: &TestDb) {
    let group = rows::group(db, "RETURNS", "Returns only", None);
    let customer = rows::customer(db, "R-1");
    rows::member(db, group, customer, "2026-01-01", rows::By::Hand, true);
    let order = rows::order(db, "CREDIT-1", customer, "2026-03-03T10:00:00Z", 700, "USD");
    rows::run(
        db,
        &format!("UPDATE order_lines SET quantity = -1, list_price = 900, unit_cost = 300 WHERE order_id = '{order}'"),
    );
    rows::run(
        db,
        &format!("UPDATE orders SET net = -700, gross = -900, cost = -300, is_credit_note = true WHERE id = '{order}'"),
    );
}
