//! `POST /admin/imports`: the same imports without questions.

use super::tasks::work;
use crate::support::TestApp;
use crate::support::rows::{number, texts};
use chrono::{DateTime, TimeDelta, Utc};
use clientele::auth::role::Role;
use clientele::imports::actions::worker::run_next;
use serde_json::json;

const ORDERS: &[u8] = b"InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\nO-1,A-1,2,2026-01-02,5.00,C-1\n";

#[test]
fn a_file_is_imported_by_a_call() {
    let app = TestApp::new();
    let api = app.api(Role::Editor);
    let sent =
        api.upload("/admin/imports?kind=orders&createMissing=customers,products&fileName=o.csv", None, "", ORDERS);
    assert_eq!(sent.status, 202, "{}", sent.json);
    assert_eq!((&sent.json["status"], &sent.json["file"]), (&json!("waiting"), &json!("o.csv")));
    work(&app);
    let done = api.get(sent.header("location"));
    assert_eq!(done.json["status"], "imported", "{}", done.json);
    assert_eq!((&done.json["report"]["created"], &done.json["report"]["badRows"]), (&json!(1), &json!(0)));
    assert_eq!(texts(&app.db, "SELECT order_number FROM orders"), ["O-1"]);
    // As a form, and only looked at.
    let fields = [("kind", "orders"), ("dryRun", "true"), ("createMissing", "products")];
    let sent = api.upload("/admin/imports", Some(&fields), "orders.csv", &ORDERS.to_ascii_lowercase());
    assert_eq!((sent.status, &sent.json["dryRun"]), (202, &json!(true)), "{}", sent.json);
    work(&app);
    let done = api.get(sent.header("location"));
    // The code in small letters is another customer, who isn't there.
    assert_eq!(
        (&done.json["status"], &done.json["report"]["reasons"][0]["column"]),
        (&json!("refused"), &json!("customer_code"))
    );
    assert_eq!(number(&app.db, "SELECT count(*) FROM orders"), 1);
}

#[test]
fn a_call_means_the_same_whatever_was_sent_before() {
    let app = TestApp::new();
    let (api, editor) = (app.api(Role::Editor), app.sign_in(Role::Editor));
    let import = |query: &str, row: &str| {
        let file = format!("code,name,description\n{row}\n");
        let sent = api.upload(&format!("/admin/imports?kind=groups{query}"), None, "", file.as_bytes());
        work(&app);
        api.get(sent.header("location")).json
    };
    let first = import("&map=description=-", "ONE,First,left out");
    assert_eq!(first["status"], "imported", "{first}");
    let second = import("", "TWO,Second,taken");
    assert_eq!(second["report"]["unusedColumns"], json!([]), "{second}");
    let stored = "SELECT code || ' ' || description FROM groups WHERE code IN ('ONE', 'TWO') ORDER BY code";
    assert_eq!(texts(&app.db, stored), ["ONE ", "TWO taken"]);
    // Nor does a person's next file follow what a program asked for.
    let sent = editor.upload("/imports", &[("kind", "groups")], "g.csv", b"code,name,description\nTHREE,Third,x\n");
    let form = editor.get(sent.location()).form(sent.location());
    assert_eq!(form.value("column_2"), "description");
}

#[test]
fn an_import_ends_when_it_ends() {
    let app = TestApp::new();
    let api = app.api(Role::Editor);
    for (row, status) in [("A,Anvil,1.00", "imported"), ("B,,1.00", "refused")] {
        let file = format!("sku,name,base_price\n{row}\n");
        let sent = api.upload("/admin/imports?kind=products", None, "", file.as_bytes());
        let took = TimeDelta::seconds(7);
        while run_next(&app.db.db(), &app.clock, &|doing| {
            if doing.is_some() {
                app.clock.advance(took);
            }
        })
        .unwrap()
        {}
        let done = api.get(sent.header("location")).json;
        assert_eq!(done["status"], status, "{done}");
        let at = |field: &str| done[field].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        assert_eq!(at("endedAt") - at("startedAt"), took);
    }
}

#[test]
fn a_call_that_can_not_be_done_says_why() {
    let app = TestApp::new();
    let (api, viewer) = (app.api(Role::Editor), app.api(Role::Viewer));
    assert_eq!(viewer.upload("/admin/imports?kind=orders", None, "", ORDERS).status, 403);
    for (query, file, status, field) in [
        ("kind=wishes", ORDERS, 422, "kind"),
        ("kind=orders&goodRows=perhaps", ORDERS, 422, "goodRows"),
        ("kind=orders&map=x", ORDERS, 422, "map"),
        ("kind=orders&map=Nothing=sku", ORDERS, 422, "map"),
        ("kind=orders&createMissing=groups", ORDERS, 422, "createMissing"),
        ("kind=products", ORDERS, 422, "header"),
        ("", &b"code,name\n"[..], 422, "kind"),
        ("kind=orders", &b""[..], 422, "file"),
        ("unknown=1", ORDERS, 422, "unknown"),
    ] {
        let answer = api.upload(&format!("/admin/imports?{query}"), None, "", file);
        assert_eq!(answer.status, status, "{query}: {}", answer.json);
        let told = answer.json["errors"][0]["field"].as_str().unwrap_or_default();
        assert_eq!(told, field, "{query}: {}", answer.json);
    }
    for (query, fields, field) in [
        ("", &[("colour", "red")][..], "colour"),
        ("", &[("kind", "wishes")], "kind"),
        ("kind=orders", &[("kind", "products")], "kind"),
        ("kind=orders", &[("goodRows", "perhaps")], "goodRows"),
    ] {
        let answer = api.upload(&format!("/admin/imports?{query}"), Some(fields), "x.csv", ORDERS);
        let told = answer.json["errors"][0]["field"].as_str().unwrap_or_default();
        assert_eq!((answer.status, told), (422, field), "{query} {fields:?}: {}", answer.json);
    }
    assert_eq!(number(&app.db, "SELECT count(*) FROM imports"), 0, "what is refused leaves nothing");
    for id in ["x", "01890000-0000-7000-8000-000000000000"] {
        assert_eq!(api.get(&format!("/admin/imports/{id}")).status, 404);
    }
}

#[test]
fn a_retry_with_the_same_key_is_no_second_import() {
    let app = TestApp::new();
    let api = app.api(Role::Editor);
    let send = |query: &str, fields: Option<&[(&str, &str)]>, boundary: &str, file: &[u8]| {
        api.upload_once(&format!("/admin/imports?{query}"), fields, boundary, file, "k-1")
    };
    let fields = [("createMissing", "customers,products")];
    let first = send("kind=orders", Some(&fields), "one", ORDERS);
    assert_eq!((first.status, first.header("idempotency-replayed")), (202, ""), "{}", first.json);
    work(&app);
    // A client divides the parts of its form anew each time.
    let again = send("kind=orders", Some(&fields), "another", ORDERS);
    assert_eq!((again.status, &again.json, again.header("idempotency-replayed")), (202, &first.json, "true"));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(number(&app.db, "SELECT count(*) FROM imports"), 1);
    let longer = [ORDERS, b"O-2,A-1,1,2026-01-03,5.00,C-1\n"].concat();
    for other in [
        send("kind=orders", Some(&fields), "one", &longer),
        send("kind=orders", Some(&[("createMissing", "customers")]), "one", ORDERS),
        send("kind=orders&dryRun=true", Some(&fields), "one", ORDERS),
        send("kind=orders&createMissing=customers,products", None, "", ORDERS),
    ] {
        assert_eq!(
            (other.status, &other.json["errors"][0]["field"]),
            (422, &json!("Idempotency-Key")),
            "{}",
            other.json
        );
    }
    assert_eq!(number(&app.db, "SELECT count(*) FROM imports"), 1);
    // What was refused may be sent again under its key.
    let path = "/admin/imports?kind=products";
    assert_eq!(api.upload_once(path, None, "", ORDERS, "k-2").status, 422);
    let products = b"sku,name,base_price\nB-1,Bell,3.00\n";
    assert_eq!(api.upload_once(path, None, "", products, "k-2").status, 202);
}
