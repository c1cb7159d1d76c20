//! `POST /admin/orders`: by the rules of imports, with what would have priced the order kept as it was.

use super::{member, refused, with_list};
use crate::support::rows;
use crate::support::{Api, TestApp, TestDb};
use clientele::auth::role::Role;
use clientele::db::Db;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use std::thread;
use std::time::Duration;
use uuid::Uuid;

struct Shop {
    app: TestApp,
    api: Api,
    list: Uuid,
    group: Uuid,
    customer: Uuid,
}

/// A customer C1 in VIP, whose list has `PEN` at 50.00 instead of 100.00 and from 10 on at 40.00.
fn shop() -> Shop {
    let app = TestApp::new();
    let pen = rows::product(&app.db, "PEN", 10_000);
    rows::product(&app.db, "INK", 2_000);
    rows::run(&app.db, "UPDATE products SET cost = 1000");
    let list = rows::price_list(&app.db, "L");
    rows::entry(&app.db, list, pen, 1, 5_000);
    rows::entry(&app.db, list, pen, 10, 4_000);
    let group = with_list(&app.db, "VIP", list);
    let customer = member(&app.db, "C1", group);
    let api = app.api(Role::Editor);
    Shop { app, api, list, group, customer }
}

fn order(number: &str, lines: &Value) -> Value {
    json!({"orderNumber": number, "placedAt": "2026-03-09T10:00:00Z", "customerCode": "C1", "lines": lines})
}

fn line(sku: &str, quantity: i64, price: &str) -> Value {
    json!({"sku": sku, "quantity": quantity, "unitPrice": price})
}

fn snapshot(shop: &Shop, number: &str) -> Value {
    rows::one(
        &shop.app.db,
        &format!(
            "SELECT p.snapshot FROM order_pricing p JOIN orders o ON o.id = p.order_id WHERE o.order_number = '{number}'"
        ),
    )
}

#[test]
fn an_order_keeps_what_would_have_priced_it() {
    let shop = shop();
    let sent = order("O-1", &json!([line("PEN", 12, "45.00"), line("INK", 1, "20.00")]));
    let taken = shop.api.post("/admin/orders", &sent);
    assert_eq!(taken.status, 201, "{}", taken.json);
    assert_eq!((&taken.json["created"], &taken.json["orders"][0]["orderNumber"]), (&json!(1), &json!("O-1")));
    let stored = rows::all(&shop.app.db, "SELECT net, gross, cost, status, currency, day::text FROM orders");
    // 12 × 45 + 20; list prices are base prices: 12 × 100 + 20; costs 13 × 10.
    assert_eq!(
        stored,
        [
            json!({"net": 56_000, "gross": 122_000, "cost": 13_000, "status": "completed", "currency": "USD", "day": "2026-03-09"})
        ]
    );
    assert_eq!(rows::number(&shop.app.db, "SELECT net FROM customer_purchases"), 56_000);
    let kept = snapshot(&shop, "O-1");
    assert_eq!(kept["groups"][0]["code"], "VIP");
    assert_eq!(kept["groups"][0]["reason"], "Own membership by hand, the primary group");
    assert_eq!((&kept["lines"][0]["unitPrice"], &kept["lines"][0]["basePrice"]), (&json!(4_000), &json!(10_000)));
    assert_eq!(
        kept["lines"][0]["sentence"],
        "Group VIP: price list List L from 10 units on makes $40.00; this is the price."
    );
    assert_eq!((&kept["lines"][1]["unitPrice"], &kept["lines"][1]["kind"]), (&json!(2_000), &json!("base")));
    // Later changes don't rewrite it, nor does the same order once more.
    rows::run(&shop.app.db, "UPDATE price_list_entries SET price = 1");
    rows::run(
        &shop.app.db,
        &format!("UPDATE groups SET name = 'Other', status = 'inactive' WHERE id = '{}'", shop.group),
    );
    let again = shop.api.post("/admin/orders", &sent);
    assert_eq!((again.status, &again.json["unchanged"]), (200, &json!(1)), "{}", again.json);
    assert_eq!(snapshot(&shop, "O-1"), kept);
    // The order's page shows it, and its own address leads there.
    let id = taken.json["orders"][0]["id"].as_str().unwrap();
    let browser = shop.app.sign_in(Role::Viewer);
    let found = browser.get(&format!("/orders/{id}"));
    assert_eq!((found.status, found.location()), (303, format!("/customers/{}/orders/{id}", shop.customer).as_str()));
    let page = browser.get(found.location()).text();
    for text in
        ["What would have priced it", "Group VIP counted: Own membership by hand", "from 10 units on makes $40.00"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    // Other lines are another question, which is answered as things are now.
    let other = order("O-1", &json!([line("PEN", 1, "45.00")]));
    let changed = shop.api.post("/admin/orders", &other);
    assert_eq!((changed.status, &changed.json["updated"]), (200, &json!(1)), "{}", changed.json);
    let now = snapshot(&shop, "O-1");
    assert_eq!((&now["groups"], &now["lines"][0]["unitPrice"]), (&json!([]), &json!(10_000)));
    assert_eq!(rows::number(&shop.app.db, "SELECT count(*) FROM order_lines"), 1);
}

#[test]
fn a_batch_is_taken_as_a_whole() {
    let shop = shop();
    rows::customer(&shop.app.db, "C2");
    let mut second = order("O-2", &json!([line("PEN", -2, "50.00")]));
    second["customer_code"] = json!("C2");
    second.as_object_mut().unwrap().remove("customerCode");
    let orders = json!({"orders": [order("O-1", &json!([line("PEN", 1, "50.00")])), second]});
    let taken = shop.api.post("/admin/orders", &orders);
    assert_eq!((taken.status, &taken.json["created"]), (201, &json!(2)), "{}", taken.json);
    assert_eq!(rows::number(&shop.app.db, "SELECT count(*) FROM orders WHERE is_credit_note"), 1);
    assert_eq!(snapshot(&shop, "O-2")["lines"][0]["quantity"], 2);
    assert_eq!(snapshot(&shop, "O-2")["groups"], json!([]));
    assert_eq!(snapshot(&shop, "O-1")["lines"][0]["unitPrice"], 5_000);
    // A list that was in force on the day of the order counts, whatever is today.
    rows::run(&shop.app.db, &format!("UPDATE price_lists SET valid_to = '2026-03-09' WHERE id = '{}'", shop.list));
    shop.api.post("/admin/orders", &order("O-3", &json!([line("PEN", 1, "50.00")])));
    let mut later = order("O-4", &json!([line("PEN", 1, "50.00")]));
    later["placedAt"] = json!("2026-03-10");
    shop.api.post("/admin/orders", &later);
    assert_eq!(snapshot(&shop, "O-3")["lines"][0]["unitPrice"], 5_000);
    assert_eq!(snapshot(&shop, "O-4")["lines"][0]["unitPrice"], 10_000);
}

#[test]
fn while_a_file_is_imported_orders_wait_without_keeping_others_from_the_database() {
    let database = TestDb::new();
    let pool = Db::connect(&database.url(), 3, Duration::from_millis(600)).unwrap();
    let app = TestApp::with_pool(database, pool, "2026-03-10T12:00:00Z".parse().unwrap());
    rows::product(&app.db, "PEN", 10_000);
    rows::customer(&app.db, "C1");
    let api = app.api(Role::Editor);
    let send = |number: &str| api.post("/admin/orders", &order(number, &json!([line("PEN", 1, "50.00")])));
    assert_eq!(send("O-0").status, 201);
    let mut importing = app.db.conn();
    importing.batch_execute("BEGIN; SELECT pg_advisory_xact_lock(7300002)").unwrap();
    thread::scope(|scope| {
        let waiting: Vec<_> = (1..=8)
            .map(|number| {
                let send = &send;
                scope.spawn(move || send(&format!("O-{number}")))
            })
            .collect();
        for _ in 0..5 {
            assert_eq!(api.get("/admin/price-lists").status, 200, "others are answered meanwhile");
        }
        for answer in waiting {
            let answer = answer.join().unwrap();
            assert_eq!(answer.status, 503, "{}", answer.json);
            assert_ne!(answer.header("retry-after"), "");
        }
    });
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM orders"), 1);
    importing.batch_execute("ROLLBACK").unwrap();
    let taken: Vec<u16> = thread::scope(|scope| {
        let send = &send;
        let sent = ["O-1", "O-2", "O-3", "O-4"].map(|number| scope.spawn(move || send(number).status));
        sent.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(taken, [201; 4]);
}

#[test]
fn clocks_may_differ_a_little_and_a_day_is_paid_on_that_day() {
    let shop = shop();
    let at = |number: &str, placed: &str, paid: &str| {
        let mut sent = order(number, &json!([line("PEN", 1, "50.00")]));
        (sent["placedAt"], sent["paidAt"]) = (json!(placed), json!(paid));
        shop.api.post("/admin/orders", &sent).status
    };
    assert_eq!(at("O-5", "2026-03-10T12:05:00Z", "2026-03-10T12:05:00Z"), 201);
    assert_eq!(at("O-6", "2026-03-09T10:00:00Z", "2026-03-09"), 201);
}

#[test]
fn what_does_not_fit_is_named_and_nothing_is_taken() {
    let shop = shop();
    let viewer = shop.app.api(Role::Viewer);
    let before = rows::checksums(&shop.app.db);
    let good = || json!([line("PEN", 1, "50.00")]);
    let with = |field: &str, value: Value| {
        let mut sent = order("O-1", &good());
        sent[field] = value;
        sent
    };
    for (sent, fields) in [
        (with("customerCode", json!("NOBODY")), vec!["customerCode"]),
        (with("placedAt", json!("yesterday")), vec!["placedAt"]),
        (with("placedAt", json!("")), vec!["placedAt"]),
        // It is March 10, 2026, noon.
        (with("placedAt", json!("2026-03-10T12:06:00Z")), vec!["placedAt"]),
        (with("placedAt", json!("2030-01-01")), vec!["placedAt"]),
        (with("paidAt", json!("2026-03-09T09:59:59Z")), vec!["paidAt"]),
        (with("paidAt", json!("2026-03-08")), vec!["paidAt"]),
        (with("dueAt", json!("soon")), vec!["dueAt"]),
        (with("status", json!("sold")), vec!["status"]),
        (with("currency", json!("XYZ")), vec!["currency"]),
        (with("orderNumber", json!("")), vec!["orderNumber"]),
        (with("orderNumber", json!(" O ")), vec!["orderNumber"]),
        (with("lines", json!([])), vec!["lines"]),
        (with("lines", json!([line("NONE", 1, "1.00")])), vec!["lines[0].sku"]),
        (with("lines", json!([line("PEN", 1, "1.00"), line("PEN", 0, "1.00")])), vec!["lines[0]", "lines[1].quantity"]),
        (with("lines", json!([line("PEN", 1, "1.005")])), vec!["lines[0].unitPrice"]),
        (with("lines", json!([line("PEN", 1, "-1.00")])), vec!["lines[0].unitPrice"]),
        (with("lines", json!([line("PEN", 99_999_999_999, "1.00")])), vec!["lines[0].quantity"]),
        (with("discount", json!("5")), vec!["discount"]),
        (json!({"orders": []}), vec!["orders"]),
        (json!({"orders": [order("O-1", &good()), order("O-1", &good())]}), vec!["orders[1].orderNumber"]),
        (
            json!({"orders": [order("O-1", &good()), order("O-2", &json!([line("NONE", 1, "1")]))]}),
            vec!["orders[1].lines[0].sku"],
        ),
        (json!({"orderNumber": "O-1", "orders": [order("O-2", &good())]}), vec!["orders"]),
        // All that is wrong is told at once, whoever finds it.
        (
            json!({"orders": [
                with("placedAt", json!("2030-01-01")),
                {"orderNumber": "O-2", "placedAt": "2026-03-09", "customerCode": "NOBODY", "lines": good()},
                order("O-3", &json!([])),
                order("O-4", &json!([line("NONE", 1, "1")])),
            ]}),
            vec!["orders[0].placedAt", "orders[2].lines", "orders[1].customerCode", "orders[3].lines[0].sku"],
        ),
    ] {
        assert_eq!(refused(&shop.api.post("/admin/orders", &sent)), fields, "{sent}");
    }
    assert_eq!(viewer.post("/admin/orders", &order("O-1", &good())).status, 403);
    let sent = with("lines", json!([line("PEN", 1, "1.005")]));
    let told = shop.api.post("/admin/orders", &sent).json["errors"][0]["message"].as_str().unwrap().to_owned();
    assert!(told.starts_with("unitPrice “1.005” has more decimals"), "{told}");
    rows::run(&shop.app.db, "UPDATE tokens SET last_used_on = NULL");
    rows::assert_unchanged(&shop.app.db, &before);
}
