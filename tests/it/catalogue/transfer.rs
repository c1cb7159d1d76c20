//! A list's prices as CSV, out and in.

use super::{follow, told};
use crate::support::{TestApp, html, rows};
use clientele::auth::role::Role;
use serde_json::json;

#[test]
fn what_goes_out_comes_in_again() {
    let app = TestApp::new();
    let editor = app.sign_in(Role::Editor);
    let list = rows::price_list(&app.db, "A");
    for n in 1..=2_500 {
        rows::product(&app.db, &format!("P-{n:04}"), 1000);
    }
    rows::run(
        &app.db,
        &format!(
            "INSERT INTO price_list_entries SELECT '{list}', id, q, 1000 - q FROM products, (VALUES (1), (10)) q(q)"
        ),
    );
    let csv = app.sign_in(Role::Viewer).get(&format!("/price-lists/{list}/entries.csv"));
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"A.csv\"");
    let lines: Vec<&str> = csv.body.lines().collect();
    assert_eq!(lines.len(), 5_001);
    assert_eq!(lines[0], "price_list_code,sku,name,min_quantity,price");
    assert_eq!(lines[1..3], ["A,P-0001,Product P-0001,1,9.99", "A,P-0001,Product P-0001,10,9.90"]);
    assert_eq!(lines[5_000], "A,P-2500,Product P-2500,10,9.90");
    let found = editor.get(&format!("/price-lists/{list}/entries.csv?q=P-2500"));
    assert_eq!(found.body.lines().count(), 3);

    let path = format!("/price-lists/{list}/import");
    let form = editor.get(&path).form(&path).fill("csv", &csv.body.replace("P-0001,1,9.99", "P-0001,1,9.50"));
    let checked = editor.submit(&form.clone().forge("step", "check"));
    assert_eq!(checked.status, 200, "{}", checked.text());
    let text = checked.text();
    for part in
        ["Rows 5,000", "Prices added 0", "Prices replaced 1", "The same as before 4,999", "Columns not used name"]
    {
        assert!(text.contains(part), "{part}: {text:.600}");
    }
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM price_list_entries WHERE price = 950"), 0, "only checked");
    let page = follow(&editor, &editor.submit(&checked.form(&path).forge("step", "import")));
    assert!(page.text().contains("$9.50"));
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM price_list_entries WHERE price = 950"), 1);
}

#[test]
fn rows_come_in_for_this_list_alone_all_or_none() {
    let app = TestApp::new();
    let editor = app.sign_in(Role::Editor);
    let list = rows::price_list(&app.db, "A");
    rows::price_list(&app.db, "B");
    for sku in ["P-1", "P-2"] {
        rows::product(&app.db, sku, 1000);
    }
    let path = format!("/price-lists/{list}/import");
    let form = editor.get(&path).form(&path);
    let send = |csv: &str, step: &str| editor.submit(&form.clone().fill("csv", csv).forge("step", step));
    let before = rows::checksums(&app.db);
    for (csv, sentence) in [
        ("", "The file is empty."),
        ("sku,price\n,\n", "There are no rows below the header."),
        ("sku;price\nP-1;1", "separated by semicolons"),
        ("sku\nP-1", "The file has no column for price."),
        ("price_list_code,sku,price\nB,P-1,1", "Row 2 is for the price list “B”, not for A."),
        ("sku,price\nP-1,9\nP-9,1", "1 row can't be imported."),
    ] {
        for step in ["check", "import", ""] {
            told(&send(csv, step), 422, "csv", sentence);
        }
    }
    let page = send("sku,min_quantity,price\nP-1,1,9\nP-9,1,1\nP-2,0,1.005\n", "import");
    assert_eq!(page.status, 422);
    let bad = html::rows(&page.body);
    assert_eq!(bad.len(), 2, "{bad:?}");
    assert_eq!(bad[0][0], "3");
    assert!(bad[0][1].contains("“P-9”") && bad[1][1].contains("min_quantity"), "{bad:?}");
    assert!(page.body.contains("P-2,0,1.005"), "what was typed stays");
    rows::assert_unchanged(&app.db, &before);
    let good = send("SKU,Price,Min Quantity\nP-1,9,\nP-2,7.50,10\n", "import");
    follow(&editor, &good);
    let stored = rows::column(&app.db, "SELECT min_quantity || ' ' || price FROM price_list_entries ORDER BY price");
    assert_eq!(stored, [json!("10 750"), json!("1 900")]);
    assert!(editor.get("/audit").text().contains("imported price list entries from pasted rows"));
    assert_eq!(app.sign_in(Role::Viewer).get(&path).status, 403);
}
