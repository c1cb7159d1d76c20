//! Imports on the console: sent, looked at, checked, let in; with every kind of file that is none.

use crate::support::rows::{self, number, texts};
use crate::support::{Browser, Page, TestApp};
use chrono::Utc;
use clientele::auth::role::{Actor, Role};
use clientele::error::Error;
use clientele::imports::actions::tasks::{self, Sent};
use clientele::imports::actions::worker::run_next;
use clientele::imports::task::MOST_BYTES;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{Cursor, Read, Write};

/// Does all that waits.
pub fn work(app: &TestApp) {
    while run_next(&app.db.db(), &app.clock, &|_| ()).unwrap() {}
}

/// Sends a file; its address.
fn send(browser: &Browser, fields: &[(&str, &str)], name: &str, file: &[u8]) -> String {
    let page = browser.upload("/imports", fields, name, file);
    assert_eq!(page.status, 303, "{}", page.text());
    page.location().strip_suffix("/columns").unwrap().to_owned()
}

/// Takes the columns as they are guessed, and checks the file.
fn check(app: &TestApp, browser: &Browser, import: &str, more: &[(&str, &str)]) -> Page {
    let mut form = browser.get(&format!("{import}/columns")).form(&format!("{import}/columns"));
    for (name, value) in more {
        form.fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    let page = browser.submit(&form);
    assert_eq!(page.status, 303, "{}", page.text());
    work(app);
    browser.get(import)
}

const PRODUCTS: &str = "Stock Code,Title,Price,Colour\nA-1,Anvil,12.50,red\nB-1,Bell,3.00,\n";

#[test]
fn a_file_is_sent_looked_at_checked_and_let_in() {
    let app = TestApp::new();
    let editor = app.sign_in(Role::Editor);
    assert!(editor.get("/imports").text().contains("Nothing was imported here yet"));
    let import = send(&editor, &[("kind", "")], "wares.csv", PRODUCTS.as_bytes());
    let columns = editor.get(&format!("{import}/columns"));
    let form = columns.form(&format!("{import}/columns"));
    assert_eq!(form.value("column_0"), "sku");
    assert_eq!((form.value("column_1"), form.value("column_2"), form.value("column_3")), ("name", "base_price", ""));
    assert!(columns.text().contains("Anvil, Bell"), "{}", columns.text());

    let before = number(&app.db, "SELECT count(*) FROM products");
    let checked = check(&app, &editor, &import, &[]);
    assert!(checked.text().contains("Ready to import"), "{}", checked.text());
    assert!(checked.text().contains("New 2"), "{}", checked.text());
    assert_eq!(number(&app.db, "SELECT count(*) FROM products"), before, "a check changes nothing");

    let started = editor.post(&format!("{import}/start"), &[]);
    assert_eq!(started.location(), import);
    // Twice is no more than once.
    assert_eq!(editor.post(&format!("{import}/start"), &[]).status, 409);
    work(&app);
    let done = editor.get(&import).text();
    assert!(done.contains("Imported") && done.contains("New 2") && done.contains("Columns not used Colour"), "{done}");
    assert_eq!(texts(&app.db, "SELECT sku FROM products ORDER BY sku"), ["A-1", "B-1"]);
    let audit =
        texts(&app.db, "SELECT actor_name || ' ' || subject_name FROM audit_events WHERE action = 'import.completed'");
    assert_eq!(audit, ["Editor 1 products from wares.csv"]);
    assert_eq!(number(&app.db, "SELECT count(*) FROM import_pieces"), 0, "the file isn't needed any more");
    assert_eq!(editor.post(&format!("{import}/start"), &[]).status, 409);
    assert_eq!(editor.post(&format!("{import}/discard"), &[]).status, 409);
    let list = app.sign_in(Role::Viewer).get("/imports").text();
    assert!(list.contains("wares.csv products Imported 2 0"), "{list}");
}

#[test]
fn what_a_column_was_read_as_is_remembered() {
    let app = TestApp::new();
    let editor = app.sign_in(Role::Editor);
    let file = b"Artikel,Name,Preis\nA-1,Anvil,12.50\n";
    let refused = editor.upload("/imports", &[("kind", "")], "x.csv", file);
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("Choose what they are"), "{}", refused.text());
    let import = send(&editor, &[("kind", "products")], "x.csv", file);
    let path = format!("{import}/columns");
    let open = editor.get(&path);
    assert!(open.text().contains("no column for sku, base_price"), "{}", open.text());
    let guessed = open.form(&path);
    assert_eq!((guessed.value("column_0"), guessed.value("column_1")), ("", "name"), "as far as it goes");
    let wrong = editor.post(&path, &[("column_0", "sku"), ("column_1", "sku"), ("column_2", "base_price")]);
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("may each be mapped only once"), "{}", wrong.text());
    let fields = [("column_0", "sku"), ("column_1", "name"), ("column_2", "base_price"), ("set", "category=Tools")];
    assert_eq!(editor.post(&path, &[("column_0", "sku"), ("set", "category")]).status, 422);
    assert_eq!(editor.post(&path, &fields).status, 303);
    work(&app);
    editor.post(&format!("{import}/start"), &[]);
    work(&app);
    assert_eq!(texts(&app.db, "SELECT sku || category FROM products"), ["A-1Tools"]);
    let again = send(&editor, &[("kind", "products")], "y.csv", file);
    let form = editor.get(&format!("{again}/columns")).form(&format!("{again}/columns"));
    assert_eq!((form.value("column_0"), form.value("column_2")), ("sku", "base_price"));
}

#[test]
fn ten_thousand_bad_rows_are_told_and_given_back() {
    let app = TestApp::new();
    let editor = app.sign_in(Role::Editor);
    let mut file = String::from("sku,name,base_price\n");
    for n in 0..10_000 {
        file += &format!("S-{n},Thing {n},-{n}.50\n");
    }
    file += "GOOD,Good,1.00\n";
    let import = send(&editor, &[], "things.csv", file.as_bytes());
    let before = rows::checksums(&app.db).remove("products");
    let checked = check(&app, &editor, &import, &[]).text();
    assert!(checked.contains("Rows with errors 10,000"), "{checked}");
    assert!(checked.contains("base_price is negative row 2, 3, 4"), "{checked}");
    assert!(checked.contains("Import the 1 good row"), "{checked}");
    assert_eq!(rows::checksums(&app.db).remove("products"), before);
    let given_back = editor.get(&format!("{import}/bad-rows.csv"));
    assert_eq!(given_back.body.lines().count(), 10_001);
    assert!(given_back.body.starts_with("sku,name,base_price,import_row,import_reason\n"), "{:.200}", given_back.body);
    editor.post(&format!("{import}/start"), &[("rows", "good")]);
    work(&app);
    assert_eq!(texts(&app.db, "SELECT sku FROM products"), ["GOOD"]);
    assert_eq!(editor.get(&format!("{import}/bad-rows.csv")).body.lines().count(), 10_001);
    // Mended, they come in.
    let mended = given_back.body.replace(",-", ",");
    let import = send(&editor, &[], "things.errors.csv", mended.as_bytes());
    check(&app, &editor, &import, &[]);
    editor.post(&format!("{import}/start"), &[]);
    work(&app);
    assert_eq!(number(&app.db, "SELECT count(*) FROM products"), 10_001);
}

#[test]
fn what_is_no_file_is_refused_with_a_sentence() {
    let app = TestApp::new();
    let editor = app.sign_in(Role::Editor);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all("sku,name,base_price\n".repeat(500).as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    for (name, file, says) in [
        ("empty.csv", &b""[..], "The file is empty."),
        ("", &b""[..], "Choose a file."),
        ("sheet.xlsx", &b"PK\x03\x04rest"[..], "The file is a ZIP archive or a spreadsheet."),
        ("wide.csv", &b"\xFF\xFEs\0k\0u\0"[..], "The file is UTF-16."),
        ("nul.csv", &b"sku,na\0me\n"[..], "holds a NUL byte"),
        ("1252.csv", &b"sku,n\xE4me,base_price\n"[..], "is not UTF-8"),
        ("quote.csv", &b"sku,na\"me\n"[..], "has a quote inside a field"),
        ("other.csv", &b"colour,size\nred,5\n"[..], "Choose what they are"),
        ("cut.csv.gz", &gzip[..12], "The file is cut off at its beginning"),
    ] {
        let before = rows::checksums(&app.db);
        let page = editor.upload("/imports", &[("kind", "")], name, file);
        assert_eq!(page.status, 422, "{name}");
        assert!(page.text().contains(says), "{name}: {}", page.text());
        rows::assert_unchanged(&app.db, &before);
    }
    let refused = editor.upload("/imports", &[("kind", "wishes")], "x.csv", b"a,b\n");
    assert!(refused.status == 422 && refused.text().contains("There is no kind"), "{}", refused.text());
    // Without a file, and not even as a form that could bring one.
    let plain = editor.post("/imports", &[("kind", "products")]);
    assert!(plain.status == 422 && plain.text().contains("Choose a file."), "{}", plain.text());
}

#[test]
fn what_shows_only_further_down_is_told_by_the_check() {
    let app = TestApp::new();
    let editor = app.sign_in(Role::Editor);
    let header = "sku,name,base_price\n";
    let mut gzip = GzEncoder::new(Vec::new(), Compression::none());
    gzip.write_all((header.to_owned() + &"A-1,Anvil,1.00\n".repeat(20_000)).as_bytes()).unwrap();
    let mut gzip = gzip.finish().unwrap();
    gzip.truncate(200_000);
    let row = |text: &[u8]| [header.as_bytes(), b"A-1,Anvil,1.00\n", text, b"\nC-1,Cup,1.00\n"].concat();
    for (name, file, says) in [
        ("quote.csv", row(b"B-1,Bell \"big\",1.00"), "the row has a stray quote row 3"),
        ("nul.csv", row(b"B-1,B\0ell,1.00"), "the row holds a NUL byte row 3"),
        ("1252.csv", row(b"B-1,Gl\xF6ckchen,1.00"), "the row is not UTF-8 row 3"),
        ("fields.csv", row(b"B-1,Bell"), "has another number of fields than the header row 3"),
        ("cut.csv.gz", gzip, "The file is cut off after row"),
    ] {
        let import = send(&editor, &[("kind", "products")], name, &file);
        let told = check(&app, &editor, &import, &[]).text();
        assert!(told.contains(says), "{name}: {told}");
        assert_eq!(number(&app.db, "SELECT count(*) FROM products"), 0);
    }
}

#[test]
fn a_file_that_is_too_large_is_not_taken() {
    let app = TestApp::new();
    let actor = Actor::command_line();
    let mut file = tempfile::tempfile().unwrap();
    file.set_len(MOST_BYTES + 1).unwrap();
    let refused = tasks::receive(&mut app.db.conn(), &mut file, Sent::default(), &actor, Utc::now()).unwrap_err();
    let Error::TooLarge(told) = refused else { panic!("{refused}") };
    assert!(told.contains("larger than 256 MB"), "{told}");
    assert_eq!(number(&app.db, "SELECT count(*) FROM imports"), 0);
}

/// A form whose file is longer than what is taken, sent as it is made.
#[test]
fn a_file_that_is_too_large_is_refused_over_http_with_the_way_out() {
    let app = TestApp::new();
    let (editor, api) = (app.sign_in(Role::Editor), app.api(Role::Editor));
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let part = |head: &str| format!("--x\r\ncontent-disposition: form-data; {head}\r\n\r\n");
    let csrf = part("name=\"csrf\"") + editor.csrf() + "\r\n";
    let file = part("name=\"file\"; filename=\"a.csv\"");
    let send = |path: &str, header: (&str, String), kind: &str, before: String, after: &str| {
        let long = std::io::repeat(b'x').take(MOST_BYTES + 1);
        let mut body = Cursor::new(before).chain(long).chain(after.as_bytes());
        let request = agent.post(format!("{}{path}", app.url)).header(header.0, header.1).header("content-type", kind);
        let mut answer = request.send(ureq::SendBody::from_reader(&mut body)).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    };
    let bearer = format!("Bearer {}", api.token);
    let form = "multipart/form-data; boundary=x";
    for (status, text) in [
        send("/admin/imports?kind=products", ("authorization", bearer), "text/csv", String::new(), ""),
        send("/imports", ("cookie", editor.session().unwrap()), form, csrf + &file, "\r\n--x--\r\n"),
    ] {
        assert_eq!(status, 413, "{text}");
        assert!(text.contains("larger than 256 MB. Pack it with gzip, split it"), "{text}");
    }
    assert_eq!(number(&app.db, "SELECT count(*) FROM imports"), 0);
}

#[test]
fn only_our_own_form_of_who_may_import_is_taken() {
    let app = TestApp::new();
    let viewer = app.sign_in(Role::Viewer);
    assert_eq!(viewer.upload("/imports", &[], "x.csv", PRODUCTS.as_bytes()).status, 403);
    assert!(!viewer.get("/imports").text().contains("Send a file"));
    let editor = app.sign_in(Role::Editor);
    let forged = |body: &str, path: &str| {
        editor.send("POST", path, &[("content-type", "multipart/form-data; boundary=x")], Some(body)).status
    };
    let file =
        "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nsku,name,base_price\r\n";
    assert_eq!(forged(&format!("{file}--x--\r\n"), "/imports"), 403);
    let token = "--x\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\nwrong\r\n";
    assert_eq!(forged(&format!("{token}{file}--x--\r\n"), "/imports"), 403);
    // A token behind the file comes too late.
    let late = token.replace("wrong", editor.csrf());
    assert_eq!(forged(&format!("{file}{late}--x--\r\n"), "/imports"), 403);
    assert_eq!(forged(&format!("{late}{file}--x--\r\n"), "/groups"), 403, "no other address takes files");
    assert_eq!(number(&app.db, "SELECT count(*) FROM imports"), 0);
    assert_eq!(forged(&format!("{late}{file}--x--\r\n"), "/imports"), 303);
}

#[test]
fn whoever_watches_is_told_to_the_end() {
    let app = TestApp::new();
    let editor = app.sign_in(Role::Editor);
    let import = send(&editor, &[], "wares.csv", PRODUCTS.as_bytes());
    let path = format!("{import}/columns");
    let form = editor.get(&path).form(&path);
    editor.submit(&form);
    let page = editor.get(&import);
    assert!(page.body.contains(&format!("hx-sse:connect=\"{import}/events\"")), "{}", page.body);
    let told = std::thread::scope(|threads| {
        let watching = threads.spawn(|| editor.get(&format!("{import}/events")));
        work(&app);
        watching.join().unwrap()
    });
    assert_eq!(told.header("content-type"), "text/event-stream");
    assert!(told.body.ends_with("event: ended\ndata: ended\n\n"), "{}", told.body);
    assert!(told.body.contains("Ready to import"), "{}", told.body);
    // What is over is told at once.
    assert!(editor.get(&format!("{import}/events")).body.ends_with("event: ended\ndata: ended\n\n"));
}

#[test]
fn what_is_put_aside_is_forgotten() {
    let app = TestApp::new();
    let editor = app.sign_in(Role::Editor);
    let import = send(&editor, &[], "wares.csv", PRODUCTS.as_bytes());
    assert_eq!(editor.post(&format!("{import}/discard"), &[]).location(), "/imports");
    assert!(editor.get("/imports").text().contains("wares.csv was discarded"));
    assert_eq!(number(&app.db, "SELECT count(*) FROM import_pieces"), 0);
    assert_eq!(editor.post(&format!("{import}/start"), &[]).status, 409);
}
