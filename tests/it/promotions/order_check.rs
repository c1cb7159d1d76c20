//! The order check: the page and the call, from prices to early payment.

use super::{Groups, fields, member, told};
use crate::support::{Answer, Api, TestApp, rows};
use clientele::auth::role::Role;
use serde_json::{Value, json};
use uuid::Uuid;

const CHECK: &str = "/store/order-check";

/// A shop in which VIP pays 15% less, may be approved under $200.00, has credit of $300.00 and 2/10 Net 30.
struct Shop {
    app: TestApp,
    groups: Groups,
    customer: Uuid,
}

impl Shop {
    fn new() -> Self {
        let app = TestApp::new();
        let groups = Groups::new(&app);
        let customer = member(&app, "ACME", groups.vip);
        rows::product(&app.db, "LAMP", 10_000);
        rows::product(&app.db, "MUG", 500);
        let vip = groups.vip;
        rows::run(
            &app.db,
            &format!("INSERT INTO group_pricing (group_id, method, percent) VALUES ('{vip}', 'percentage', 15)"),
        );
        rows::run(
            &app.db,
            &format!(
                "INSERT INTO group_payment_terms (group_id, methods, net_days, credit_limit, auto_approve_under, early_percent, early_days)
                 VALUES ('{vip}', '{{card,net_terms}}', 30, 30000, 20000, 2, 10)"
            ),
        );
        rows::run(&app.db, "UPDATE store_settings SET flat_shipping = 995");
        Self { app, groups, customer }
    }

    fn api(&self) -> Api {
        self.app.api(Role::Viewer)
    }

    /// What the customer would pay for so many lamps.
    fn lamps(&self, quantity: i64) -> Answer {
        let items = json!([{"sku": "LAMP", "quantity": quantity}]);
        let answer = self.api().post(CHECK, &json!({"customerId": self.customer, "items": items}));
        assert_eq!(answer.status, 200, "{}", answer.json);
        answer
    }
}

/// Subtotal, discount, shipping, total.
fn sums(answer: &Answer) -> [&str; 4] {
    ["subtotal", "discount", "shipping", "total"].map(|name| answer.json[name].as_str().unwrap())
}

fn reason(answer: &Answer, code: &str) -> (bool, String, String) {
    let all: &Vec<Value> = answer.json["promotions"].as_array().unwrap();
    let one = all.iter().find(|one| one["code"] == json!(code)).unwrap_or_else(|| panic!("{code}: {}", answer.json));
    let text = |name: &str| one[name].as_str().unwrap().to_owned();
    (one["applied"].as_bool().unwrap(), text("reason"), text("saves"))
}

#[test]
fn checkout_from_prices_to_early_payment() {
    let shop = Shop::new();
    let plain = shop.lamps(1);
    assert_eq!(sums(&plain), ["85.00", "0.00", "9.95", "94.95"]);
    assert_eq!(plain.json["items"][0]["unitPrice"], json!("85.00"));
    assert_eq!(plain.json["minimumOrder"], json!({"met": true, "missing": "0.00", "missingQuantity": 0}));
    let payment = json!({
        "methods": ["card", "net_terms"], "netDays": 30, "creditLimit": "300.00", "openBalance": "0.00",
        "creditLeft": "300.00", "approval": "automatic", "approvalReasons": [], "requirePo": false,
        "earlyPayment": {"percent": "2.00", "days": 10, "saves": "1.90", "until": "2026-03-20"},
    });
    assert_eq!(plain.json["payment"], payment);

    // 10% on top of the group's 15%, from two lamps on.
    rows::promotion(&shop.app.db, "TEN");
    rows::run(&shop.app.db, "UPDATE promotions SET minimum_purchase = 17000, name = 'Ten'");
    let below = shop.lamps(1);
    let told = "The subtotal must reach $170.00: $85.00 is missing.";
    assert_eq!(reason(&below, "TEN"), (false, told.to_owned(), "0.00".to_owned()));
    let two = shop.lamps(2);
    assert_eq!(sums(&two), ["170.00", "17.00", "9.95", "162.95"]);
    assert_eq!(reason(&two, "TEN"), (true, "It takes $17.00 off the order.".to_owned(), "17.00".to_owned()));
    assert_eq!(two.json["lines"], json!([{"sku": "LAMP", "quantity": 2, "total": "153.00"}]));

    // The group doesn't allow it on top: min(85, 90).
    let vip = shop.groups.vip;
    rows::run(
        &shop.app.db,
        &format!("UPDATE group_pricing SET stack_with_promotions = false WHERE group_id = '{vip}'"),
    );
    let two = shop.lamps(2);
    assert_eq!(sums(&two), ["170.00", "0.00", "9.95", "179.95"]);
    assert!(reason(&two, "TEN").1.starts_with("It doesn't come on top of the group price"));

    // Free shipping alone leaves less than nothing at all.
    let free = json!({"code": "SHIP", "name": "Ship", "type": "free_shipping", "combinable": false});
    assert_eq!(shop.app.api(Role::Editor).post("/admin/promotions", &free).status, 201);
    assert_eq!(sums(&shop.lamps(2)), ["170.00", "0.00", "0.00", "170.00"]);
}

#[test]
fn approval_minimum_and_credit() {
    let shop = Shop::new();
    let approval = |answer: &Answer| {
        let payment = &answer.json["payment"];
        (
            payment["approval"].as_str().unwrap().to_owned(),
            payment["approvalReasons"][0].as_str().unwrap_or("").to_owned(),
        )
    };
    let is = |name: &str, says: &str| (name.to_owned(), says.to_owned());
    // 2 × 85 + 9.95 is under 200, 3 × 85 + 9.95 isn't.
    assert_eq!(approval(&shop.lamps(2)), is("automatic", ""));
    assert_eq!(approval(&shop.lamps(3)), is("needed", "Orders are approved automatically under $200.00 only."));
    // Owes 130 of 300 already: open orders with a due date that aren't paid.
    for (number, due, paid, status) in [
        ("O-1", true, false, "open"),
        ("O-2", true, true, "completed"),
        ("O-3", false, false, "completed"),
        ("O-4", true, false, "cancelled"),
    ] {
        rows::order(&shop.app.db, number, shop.customer, "2026-03-01T00:00:00Z", 13_000, "USD");
        let at = |yes: bool| if yes { "'2026-03-31'" } else { "NULL" };
        rows::run(
            &shop.app.db,
            &format!(
                "UPDATE orders SET due_at = {}, paid_at = {}, status = '{status}' WHERE order_number = '{number}'",
                at(due),
                at(paid)
            ),
        );
    }
    let two = shop.lamps(2);
    assert_eq!(
        (&two.json["payment"]["openBalance"], &two.json["payment"]["creditLeft"]),
        (&json!("130.00"), &json!("170.00"))
    );
    assert_eq!(approval(&two), is("needed", "On net terms it would exceed the credit left by $9.95."));
    let vip = shop.groups.vip;
    rows::run(&shop.app.db, &format!("UPDATE group_pricing SET minimum_order_amount = 20000 WHERE group_id = '{vip}'"));
    let below = shop.lamps(2);
    assert_eq!(below.json["minimumOrder"], json!({"met": false, "missing": "30.00", "missingQuantity": 0}));
    assert_eq!(approval(&below), is("refused", "The minimum order isn't reached."));
    rows::run(&shop.app.db, "UPDATE customers SET status = 'blocked'");
    assert_eq!(approval(&shop.lamps(3)), is("refused", "The customer is not active."));
}

#[test]
fn what_the_customer_cannot_see_is_left_out_of_the_totals() {
    let shop = Shop::new();
    let set = rows::visibility_group(
        &shop.app.db,
        "Lamps",
        &[rows::id(&shop.app.db, "SELECT id FROM products WHERE sku = 'LAMP'")],
    );
    rows::show(&shop.app.db, shop.groups.vip, set);
    let items = json!([{"sku": "LAMP", "quantity": 1}, {"sku": "MUG", "quantity": 2}]);
    let answer = shop.api().post(CHECK, &json!({"customerId": shop.customer, "items": items}));
    assert_eq!(sums(&answer), ["85.00", "0.00", "9.95", "94.95"]);
    assert_eq!(
        (&answer.json["items"][1]["visible"], &answer.json["items"][1]["unitPrice"]),
        (&json!(false), &json!("4.25"))
    );
    assert_eq!(answer.json["payment"]["approval"], json!("refused"));
    // A guest sees all and pays the base price.
    let guest = shop.api().post(CHECK, &json!({"items": items}));
    assert_eq!(sums(&guest), ["110.00", "0.00", "9.95", "119.95"]);
    assert_eq!(guest.json["payment"]["approval"], json!("automatic"));
    let hidden = shop.api().post(CHECK, &json!({"customerId": shop.customer, "items": [{"sku": "MUG"}]}));
    assert_eq!(sums(&hidden), ["0.00", "0.00", "0.00", "0.00"]);
}

#[test]
fn a_question_that_is_none_is_refused() {
    let shop = Shop::new();
    let api = shop.api();
    let good = json!({"customerId": shop.customer, "items": [{"sku": "LAMP"}]});
    let many: Vec<Value> = (0..1_001).map(|_| json!({"sku": "LAMP"})).collect();
    for (field, value, wrong) in [
        ("customerId", json!(Uuid::now_v7()), "customerId"),
        ("customerId", json!("x"), "customerId"),
        ("currency", json!("usd"), "currency"),
        ("at", json!("soon"), "at"),
        ("items", json!([]), "items"),
        ("items", json!(many), "items"),
        ("items", json!([{"sku": "NONE"}]), "items[0].sku"),
        ("items", json!([{"sku": "LAMP", "quantity": -1}]), "items[0].quantity"),
        ("items", json!([{"sku": "LAMP", "quantity": 0}]), "items[0].quantity"),
        ("items", json!([{"sku": "LAMP", "quantity": 1_000_001}]), "items[0].quantity"),
    ] {
        let mut sent = good.clone();
        sent[field] = value;
        assert_eq!(fields(&api.post(CHECK, &sent), 422), [wrong]);
    }
    assert_eq!(api.get(&format!("/store/customers/{}/promotions", Uuid::now_v7())).status, 404);
    assert_eq!(fields(&api.get(&format!("/store/customers/{}/promotions?at=x", shop.customer)), 422), ["at"]);
    // In another currency nothing here has a price.
    let mut abroad = good;
    abroad["currency"] = json!("EUR");
    let answer = api.post(CHECK, &abroad);
    assert_eq!((answer.status, &answer.json["payment"]["approval"]), (200, &json!("refused")));
}

#[test]
fn the_page_answers_and_its_address_reopens_it() {
    let shop = Shop::new();
    rows::promotion(&shop.app.db, "TEN");
    rows::run(&shop.app.db, "UPDATE promotions SET name = 'Ten off', valid_to = '2026-03-31'");
    let viewer = shop.app.sign_in(Role::Viewer);
    let added = viewer.get("/tools/order-check?customer_text=ACME&add_text=LAMP&add_quantity=2");
    assert_eq!(added.status, 303, "{}", added.text());
    let page = viewer.get(added.location());
    assert_eq!(page.status, 200);
    for text in [
        "Approved automatically",
        "Ten off",
        "It takes $17.00 off the order.",
        "$162.95",
        "2/10 Net 30: saves $3.26 until March 20, 2026",
    ] {
        assert!(page.text().contains(text), "{text}: {}", page.text());
    }
    let later = viewer.get(&added.location().replace("date=2026-03-10", "date=2026-04-01"));
    assert!(
        later.text().contains("It ended on March 31, 2026.") && later.text().contains("$179.95"),
        "{}",
        later.text()
    );
    let json = viewer.get(&added.location().replace("order-check?", "order-check.json?"));
    let answer: Value = serde_json::from_str(&json.body).unwrap();
    assert_eq!((&answer["total"], &answer["promotions"][0]["applied"]), (&json!("162.95"), &json!(true)));
    told(
        &viewer.get("/tools/order-check?customer_text=nobody&sku=LAMP"),
        422,
        "customer",
        "Choose a customer from the list",
    );
    told(
        &viewer.get("/tools/order-check?sku=NONE&quantity=x"),
        422,
        "quantity-0",
        "There is no product with the SKU “NONE”.",
    );
}
