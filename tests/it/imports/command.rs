//! `clientele import` as people and scripts run it.

use super::Shop;
use crate::support::rows::texts;
use crate::support::{Program, TestApp};
use chrono::Utc;
use clientele::auth::role::Role;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};
use tempfile::TempDir;

/// A shop, and a folder to work in.
struct Desk {
    shop: Shop,
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { shop: Shop::new(), folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str], input: Option<&str>) -> Output {
        let mut command = Program::command(self.folder.path());
        command.env("DATABASE_URL", self.shop.url()).current_dir(self.folder.path()).arg("import").args(arguments);
        let Some(input) = input else { return command.output().unwrap() };
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.file(name), text).unwrap();
    }
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn it_commits_or_changes_nothing_and_says_so_by_its_status() {
    let mut desk = Desk::new();
    desk.write("products.csv", "sku,name,base_price\nA,Lamp,25\nB,Bulb,x\n");
    let refused = desk.run(&["products", "products.csv"], None);
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(
        out(&refused).contains("Nothing was changed: 1 of the 2 rows of products.csv can't be imported"),
        "{}",
        out(&refused)
    );
    assert!(out(&refused).contains("base_price is not an amount (row 3): “x” is not an amount"), "{}", out(&refused));
    assert_eq!(desk.shop.count("products"), 0);
    // A trial of what would be refused fails as well; nothing is written anywhere.
    assert_eq!(desk.run(&["products", "products.csv", "--dry-run"], None).status.code(), Some(1));
    assert_eq!(names(desk.folder.path()), ["products.csv"]);

    let trial = desk.run(&["products", "products.csv", "--dry-run", "--good-rows", "--errors", "trial.csv"], None);
    assert!(trial.status.success());
    assert!(out(&trial).contains("1  products would be created"), "{}", out(&trial));
    assert_eq!(desk.shop.count("products"), 0);

    let good = desk.run(&["products", "products.csv", "--good-rows"], None);
    assert!(good.status.success());
    assert_eq!(desk.shop.count("products"), 1);
    assert_eq!(names(desk.folder.path()), ["products.csv", "products.errors.csv", "trial.csv"]);
    let errors = fs::read_to_string(desk.file("products.errors.csv")).unwrap();
    assert_eq!(
        errors,
        "sku,name,base_price,import_row,import_reason\nB,Bulb,x,3,base_price “x” is not an amount: write it like 1250.00\n"
    );
    assert_eq!(errors, fs::read_to_string(desk.file("trial.csv")).unwrap());

    desk.write("products.errors.csv", &errors.replace(",x,", ",5,"));
    let mended = desk.run(&["products", "products.errors.csv"], None);
    assert!(mended.status.success(), "{}", out(&mended));
    assert_eq!(desk.shop.count("products"), 2);
}

#[test]
fn columns_are_mapped_and_the_report_is_json() {
    let mut desk = Desk::new();
    let till = "No,When,Who,What,Pieces,Each,Note\nO1,2026-01-05 10:00:00,C1,X,2,4.50,hello\n";
    let arguments = [
        "orders",
        "-",
        "--json",
        "--map",
        "No=order_number,When=placed_at,Who=customer_code",
        "--map",
        "What=sku,Pieces=quantity,Each=unit_price,Note=-",
        "--set",
        "currency=GBP",
        "--create-missing",
        "customers,products",
    ];
    let imported = desk.run(&arguments, Some(till));
    assert!(imported.status.success(), "{}", said(&imported));
    let report: Value = serde_json::from_slice(&imported.stdout).unwrap();
    assert_eq!(report["outcome"], "imported");
    assert_eq!((&report["rows"], &report["created"]), (&1.into(), &1.into()));
    assert_eq!(report["unused_columns"], serde_json::json!(["Note"]));
    assert_eq!(desk.shop.rows("SELECT order_number, currency, net FROM orders"), ["O1|GBP|900"]);
    // Base prices are in the store's currency (SPEC 7, rule 5): nobody has given one yet.
    assert_eq!(desk.shop.rows("SELECT sku, currency, base_price, status FROM products"), ["X|USD|0|inactive"]);
    assert!(report["warnings"].to_string().contains("only sold in other currencies"), "{report}");
    assert_eq!(
        desk.shop.rows("SELECT actor_kind, subject_name FROM audit_events"),
        ["command_line|orders from standard input"]
    );
}

#[test]
fn what_can_not_be_done_is_one_sentence() {
    let desk = Desk::new();
    desk.write("p.csv", "sku,name\nA,Lamp\n");
    desk.write("p.errors.csv", "sku,name,base_price\nA,Lamp,x\n");
    let cases: &[(&[&str], i32, &str)] = &[
        (&["products", "missing.csv"], 1, "missing.csv can't be read"),
        (&["products", "."], 1, ". is a folder"),
        (&["products", "p.csv"], 1, "The file has no column for base_price. It has sku, name."),
        (&["products", "p.csv", "--map", "name=price"], 1, "products have no column \"price\""),
        (&["products", "p.csv", "--create-missing", "customers"], 1, "An import of products can't create customers"),
        (&["products", "p.errors.csv", "--errors", "p.errors.csv"], 1, "over the file itself"),
        (&["products", "p.errors.csv", "--errors", "no/such/folder.csv"], 1, "no/such/folder.csv can't be written"),
        (&["gadgets", "p.csv"], 2, "There is no kind \"gadgets\". The kinds are groups, organizations"),
        (&["products", "p.csv", "--map", "name"], 2, "not of the form NAME=VALUE"),
        (&["products", "p.csv", "--create-missing", "money"], 2, "\"money\" can't be created by an import"),
        (&["products"], 2, "<FILE>"),
    ];
    for (arguments, status, expected) in cases {
        let output = desk.run(arguments, None);
        assert_eq!(output.status.code(), Some(*status), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(expected), "{arguments:?}: {}", said(&output));
        assert_eq!(out(&output), "", "{arguments:?}");
    }
    assert_eq!(names(desk.folder.path()), ["p.csv", "p.errors.csv"]);
}

#[test]
fn the_history_on_the_page_has_what_came_by_the_command_line() {
    let desk = Desk::new();
    desk.write("ok.csv", "code,name,type\nVIP,VIP,manual\n");
    desk.write("bad.csv", "code,name,type\nOTHER,Other,wishes\n");
    assert!(desk.run(&["groups", "ok.csv", "--dry-run"], None).status.success());
    assert!(!desk.run(&["groups", "bad.csv"], None).status.success());
    assert_eq!(texts(&desk.shop.db, "SELECT id::text FROM imports"), Vec::<String>::new(), "nothing was changed");
    assert!(desk.run(&["groups", "ok.csv"], None).status.success());
    let app = TestApp::on(desk.shop.db.shared(), Utc::now());
    let viewer = app.sign_in(Role::Viewer);
    let list = viewer.get("/imports").text();
    assert!(list.contains("ok.csv") && list.contains("Imported") && !list.contains("bad.csv"), "{list}");
    let id = texts(&desk.shop.db, "SELECT id::text FROM imports").remove(0);
    let page = viewer.get(&format!("/imports/{id}"));
    assert!(page.status == 200 && page.text().contains("New 1"), "{}", page.text());
    let told = app.api(Role::Viewer).get(&format!("/admin/imports/{id}")).json;
    assert_eq!(
        (&told["status"], &told["rowsRead"], &told["report"]["created"]),
        (&"imported".into(), &1.into(), &1.into())
    );
    let editor = app.sign_in(Role::Editor);
    assert_eq!(editor.post(&format!("/imports/{id}/start"), &[]).status, 409, "its file was never here");
}
