//! Prices of a list: on its page, row by row, and by call.

use super::{fields, follow, pages, told};
use crate::support::{Answer, Api, TestApp, html, rows};
use clientele::auth::role::Role;
use serde_json::{Value, json};
use uuid::Uuid;

fn stored(app: &TestApp) -> Vec<Value> {
    rows::column(
        &app.db,
        "SELECT p.sku || ' ' || e.min_quantity || ' ' || e.price FROM price_list_entries e
         JOIN products p ON p.id = e.product_id ORDER BY p.sku, e.min_quantity",
    )
}

#[test]
fn prices_are_added_edited_in_their_row_and_removed() {
    let app = TestApp::new();
    let editor = app.sign_in(Role::Editor);
    let (list, product) = (rows::price_list(&app.db, "A"), rows::product(&app.db, "P-1", 1000));
    let path = format!("/price-lists/{list}");
    let form = editor.get(&path).form(&format!("{path}/entries"));
    let page = follow(&editor, &editor.submit(&form.clone().fill("product_text", "P-1").fill("price", "9.50")));
    assert_eq!(html::rows(&page.body)[0][..3], ["Product P-1 P-1", "$10.00", "$9.50"]);
    for (fill, field, sentence) in [
        (vec![("product_text", ""), ("price", "1")], "product", "Choose a product."),
        (vec![("product_text", "P-9"), ("price", "1")], "product", "There is no product with this SKU."),
        (vec![("product_text", "P-1"), ("price", "")], "price", "The price is missing"),
        (vec![("product_text", "P-1"), ("price", "-1")], "price", "The price can't be negative."),
        (vec![("product_text", "P-1"), ("price", "1.005")], "price", "The price has more decimals than USD has (2)."),
        (vec![("product_text", "P-1"), ("price", "1"), ("min_quantity", "0")], "min_quantity", "Enter a whole number"),
        (
            vec![("product_text", "P-1"), ("price", "1")],
            "min_quantity",
            "The product has a price from 1 on already: $9.50.",
        ),
    ] {
        let filled = fill.iter().fold(form.clone(), |form, (name, value)| form.fill(name, value));
        told(&editor.submit(&filled), 422, field, sentence);
    }
    let more = form.fill("product_text", "P-1").fill("price", "8").fill("min_quantity", "10");
    follow(&editor, &editor.submit(&more));
    assert_eq!(stored(&app), [json!("P-1 1 950"), json!("P-1 10 800")]);

    // In the row, as htmx asks for it.
    let entry = format!("{path}/entries/{product}");
    let region = format!("entry-{product}");
    let row = editor.htmx_get(&entry, &region);
    assert!(row.body.trim_start().starts_with("<tr") && row.body.contains("hx-post"), "{}", row.body);
    let plain = editor.get(&entry);
    assert!(plain.body.contains("<html"));
    let was = plain.form(&entry).value("was").to_owned();
    let send = |fields: &[(&str, &str)], headers: &[(&str, &str)]| {
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", editor.csrf()), ("was", was.as_str())]).collect();
        editor.send("POST", &entry, headers, Some(&crate::support::form(&fields)))
    };
    let target = format!("tr#{region}");
    let hx = [("hx-request", "true"), ("hx-request-type", "partial"), ("hx-target", target.as_str())];
    let refused = send(&[("min_quantity", "1"), ("price", "x"), ("min_quantity", "1"), ("price", "2")], &hx);
    told(&refused, 422, "price_0", "The price is not an amount");
    assert!(!refused.body.contains("<html"));
    told(
        &send(&[("min_quantity", "2"), ("price", "1"), ("min_quantity", "2"), ("price", "2")], &[]),
        422,
        "min_quantity_1",
        "There is another price from 2 on.",
    );
    told(&send(&[("min_quantity", ""), ("price", "")], &[]), 422, "", "Enter at least one price");
    let saved = send(&[("min_quantity", "20"), ("price", "7"), ("min_quantity", ""), ("price", "9")], &hx);
    assert_eq!(
        (saved.status, saved.text().as_str()),
        (200, "Product P-1 P-1 $10.00 $9.00 from 1 $7.00 from 20 Edit the prices of P-1")
    );
    assert_eq!(stored(&app), [json!("P-1 1 900"), json!("P-1 20 700")]);

    // What was filled from other prices is not saved over these.
    let stale = send(&[("min_quantity", "1"), ("price", "5")], &[]);
    told(&stale, 409, "", "Somebody changed the prices of P-1 in List A while you were editing them.");
    assert!(stale.text().contains("Stored now: $9.00 from 1, $7.00 from 20."), "{}", stale.text());
    follow(&editor, &editor.submit(&stale.form(&entry)));
    assert_eq!(stored(&app), [json!("P-1 1 500")]);

    let confirm = editor.get(&format!("{entry}/removal"));
    assert!(confirm.text().contains("Remove Product P-1 from List A?"), "{}", confirm.text());
    let page = follow(&editor, &editor.submit(&confirm.form(&format!("{entry}/removal"))));
    assert!(page.text().contains("No prices yet"));
    assert_eq!(rows::number(&app.db, "SELECT entry_count FROM price_lists"), 0);
    let log = editor.get("/audit").text();
    assert!(log.contains("changed prices of price list List A: price P-1 from $9.00 to $5.00"), "{log}");
    assert_eq!(editor.get(&format!("{path}/entries/{}", Uuid::now_v7())).status, 404);
    assert_eq!(editor.get(&format!("{path}/entries/x")).status, 404);
}

#[test]
fn a_list_is_paged_by_product_and_searched() {
    let app = TestApp::new();
    let list = rows::price_list(&app.db, "A");
    for n in 1..=110 {
        let product = rows::product(&app.db, &format!("P-{n:03}"), 1000);
        if n % 11 != 0 {
            rows::entry(&app.db, list, product, 1, 900);
            rows::entry(&app.db, list, product, 10, 800);
        }
    }
    let viewer = app.sign_in(Role::Viewer);
    let names = rows::texts(
        &app.db,
        "SELECT name || ' ' || sku FROM products WHERE id IN (SELECT product_id FROM price_list_entries) ORDER BY sku",
    );
    let (forward, back) = pages(&viewer, &format!("/price-lists/{list}"));
    assert_eq!((forward.len(), &forward, &back), (100, &names, &names));
    assert_eq!(pages(&viewer, &format!("/price-lists/{list}?q=p-01")).0.len(), 9);
    let page = viewer.get(&format!("/price-lists/{list}"));
    assert!(page.text().contains("200 prices") && !page.body.contains("/removal"), "a viewer changes nothing");
}

/// All entries of a list, page by page.
fn entries(api: &Api, path: &str, query: &str) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("{path}?limit=2{query}{cursor}"));
        assert_eq!(page.status, 200, "{}", page.json);
        found.extend(page.json["items"].as_array().unwrap().clone());
        match page.json["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[test]
fn calls_add_replace_list_and_remove_entries() {
    let app = TestApp::new();
    let api = app.api(Role::Editor);
    let list = rows::price_list(&app.db, "A");
    for sku in ["P-1", "P-2", "P-3"] {
        rows::product(&app.db, sku, 1000);
    }
    let path = format!("/admin/price-lists/{list}/entries");
    let counts = |answer: &Answer| {
        assert_eq!(answer.status, 200, "{}", answer.json);
        ["created", "updated", "unchanged", "entryCount"].map(|name| answer.json[name].as_i64().unwrap())
    };
    let first = json!({"entries": [{"sku": "P-2", "price": "9.00"}, {"sku": "P-1", "minQuantity": 10, "price": 8.5},
                                   {"sku": "P-1", "min_quantity": 1, "price": "9"}]});
    let put = api.post(&path, &first);
    assert_eq!((counts(&put), put.header("etag")), ([3, 0, 0, 3], "\"v2\""));
    assert_eq!(counts(&api.post(&path, &first)), [0, 0, 3, 3], "the same again changes nothing");
    let next = json!({"entries": [{"sku": "P-2", "price": "8.00"}, {"sku": "P-3", "price": "0"}, {"sku": "P-1", "price": "9"}]});
    assert_eq!(counts(&api.post(&path, &next)), [1, 1, 1, 4]);
    let expected = [
        json!({"sku": "P-1", "minQuantity": 1, "price": "9.00"}),
        json!({"sku": "P-1", "minQuantity": 10, "price": "8.50"}),
        json!({"sku": "P-2", "minQuantity": 1, "price": "8.00"}),
        json!({"sku": "P-3", "minQuantity": 1, "price": "0.00"}),
    ];
    assert_eq!(entries(&api, &path, ""), expected);
    assert_eq!(entries(&api, &path, "&q=p-1"), expected[..2]);
    let before = rows::checksums(&app.db);
    for (body, wrong) in [
        (json!({"entries": [{"sku": "P-9", "price": "1"}]}), vec!["entries[0].sku"]),
        (json!({"entries": [{"sku": "P\0", "price": "1"}]}), vec!["entries[0].sku"]),
        (
            json!({"entries": [{"sku": "P-1", "price": "1"}, {"sku": "P-1", "minQuantity": 0, "price": "-1"}]}),
            vec!["entries[1].minQuantity", "entries[1].price"],
        ),
        (json!({"entries": [{"sku": "P-1", "price": "1.005"}]}), vec!["entries[0].price"]),
        (json!({"entries": [{"sku": "P-1"}]}), vec!["entries[0].price"]),
        (
            json!({"entries": [{"sku": "P-1", "price": "1"}, {"sku": "P-1", "minQuantity": 1, "price": "2"}]}),
            vec!["entries[1].minQuantity"],
        ),
        (
            json!({"entries": [{"sku": "P-1", "minQuantity": 3_000_000_000_i64, "price": "1"}]}),
            vec!["entries[0].minQuantity"],
        ),
        (json!({"entries": [{"sku": "P-1", "minQuantity": "ten", "price": "1"}]}), vec!["entries[0].minQuantity"]),
        (json!({}), vec!["entries"]),
    ] {
        assert_eq!(fields(&api.post(&path, &body), 422), wrong, "{body}");
    }
    let many: Vec<Value> = (0..10_001).map(|n| json!({"sku": "P-1", "minQuantity": n + 1, "price": "1"})).collect();
    assert_eq!(fields(&api.post(&path, &json!({ "entries": many })), 422), ["entries"]);
    let stale = api.send("POST", &path, &[("if-match", "\"v1\"")], Some(&first.to_string()));
    assert_eq!(stale.status, 409);
    assert_eq!(app.api(Role::Viewer).post(&path, &first).status, 403);
    assert_eq!(before["price_list_entries"], rows::checksums(&app.db)["price_list_entries"]);

    assert_eq!(api.delete(&format!("{path}?sku=P-1&minQuantity=10")).status, 204);
    assert_eq!(api.delete(&format!("{path}?sku=P-1&minQuantity=10")).status, 404);
    assert_eq!(fields(&api.delete(&format!("{path}?sku=P-9")), 422), ["sku"]);
    assert_eq!(fields(&api.delete(&format!("{path}?sku=P-1&minQuantity=x")), 422), ["minQuantity"]);
    assert_eq!(api.delete(&format!("{path}?sku=P-2")).status, 204);
    assert_eq!(stored(&app), [json!("P-1 1 900"), json!("P-3 1 0")]);
    assert_eq!(rows::number(&app.db, "SELECT entry_count FROM price_lists"), 2);
}

#[test]
fn a_price_in_another_currency_than_the_lists_is_refused() {
    let app = TestApp::new();
    rows::product(&app.db, "PEN", 1_000);
    let list = rows::price_list(&app.db, "L");
    let api = app.api(Role::Editor);
    let send = |currency: &str| {
        let entry = json!({"sku": "PEN", "minQuantity": 1, "price": "9.00", "currency": currency});
        api.post(&format!("/admin/price-lists/{list}/entries"), &json!({"entries": [entry]}))
    };
    let refused = send("EUR");
    assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!("entries[0].currency")));
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM price_list_entries"), 0);
    assert_eq!(send("USD").status, 200);
}
