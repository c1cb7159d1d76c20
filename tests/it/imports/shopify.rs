//! Shopify's exports come in as they are.

use super::tasks::work;
use crate::support::TestApp;
use crate::support::rows::texts;
use clientele::auth::role::Role;

const CUSTOMERS: &str = "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,\
    Default Address Address1,Default Address Province Code,Default Address Country Code,Phone,Total Spent,Total Orders,Note,\
    Tax Exempt,Tags\n\
    '7001,Ada,Quill,Ada@shop.test,yes,,1 Road,ON,CA,,24.00,1,,no,\"vip, net 30\"\n\
    '7002,,,,no,Quill Ltd,,,GB,,0.00,0,,no,\n";

const ORDERS: &str = "Name,Email,Financial Status,Paid at,Fulfillment Status,Accepts Marketing,Currency,Subtotal,Shipping,\
    Taxes,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,\
    Lineitem discount,Billing Name,Billing Country,Cancelled at\n\
    #1001,Ada@shop.test,paid,2026-01-02 10:00:00 -0400,fulfilled,no,USD,32.00,0.00,0.00,32.00,2026-01-02 09:30:00 -0400,3,Cup,\
    10.00,12.00,CUP-1,3.00,Ada Quill,CA,\n\
    #1001,Ada@shop.test,,,,,,,,,,2026-01-02 09:30:00 -0400,1,Plate,5.00,,PLATE-1,0.00,,,\n";

#[test]
fn customers_and_orders_find_each_other() {
    let app = TestApp::new();
    let api = app.api(Role::Editor);
    for (file, rows) in [(CUSTOMERS, 2), (ORDERS, 2)] {
        let sent = api.upload("/admin/imports", None, "", file.as_bytes());
        assert_eq!(sent.status, 202, "{}", sent.json);
        work(&app);
        let done = api.get(sent.header("location")).json;
        assert_eq!((&done["status"], &done["report"]["rows"]), (&"imported".into(), &rows.into()), "{done}");
    }
    assert_eq!(
        texts(
            &app.db,
            "SELECT code || '|' || name || '|' || coalesce(country, '') || '|' || tags::text FROM customers ORDER BY code"
        ),
        ["7002|Quill Ltd|GB|{}", "ada@shop.test|Ada Quill|CA|{vip,\"net 30\"}"]
    );
    assert_eq!(
        texts(
            &app.db,
            "SELECT o.order_number || '|' || c.code || '|' || o.status || '|' || o.net FROM orders o
             JOIN customers c ON c.id = o.customer_id"
        ),
        // 3 cups at 10.00 less 3.00, and a plate.
        ["#1001|ada@shop.test|completed|3200"]
    );
    let wrong = api.upload("/admin/imports?kind=products", None, "", ORDERS.as_bytes());
    assert_eq!((wrong.status, &wrong.json["errors"][0]["field"]), (422, &"kind".into()), "{}", wrong.json);
}
