//! The list as CSV.

use crate::support::rows;
use crate::support::{Browser, TestApp, html};
use clientele::auth::role::Role;

fn csv(browser: &Browser, path: &str) -> Vec<Vec<String>> {
    let page = browser.get(path);
    assert_eq!((page.status, page.header("content-type")), (200, "text/csv; charset=utf-8"), "{}", page.body);
    assert_eq!(page.header("content-disposition"), "attachment; filename=\"customer-groups.csv\"");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(page.body.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn the_export_says_what_the_list_says() {
    let app = TestApp::demo();
    rows::run(&app.db, "UPDATE groups SET name = 'Tier, \"gold\"' || chr(10) || 'x' WHERE code = 'GOLD'");
    let viewer = app.sign_in(Role::Viewer);
    for query in ["", "?status=active&sort=-customers", "?q=tier&sort=name", "?type=automatic"] {
        let page = viewer.get(&format!("/groups{query}"));
        let link = html::links(&page.body).into_iter().find(|link| link.starts_with("/groups.csv")).unwrap();
        assert_eq!(link, format!("/groups.csv{query}"), "the export keeps filters and order");
        let mut exported = csv(&viewer, &link);
        let head = exported.remove(0);
        assert_eq!(head, ["code", "name", "place", "customers", "revenue", "pricing", "visibility", "status", "type"]);
        let as_shown: Vec<Vec<String>> = exported
            .iter()
            .map(|row| {
                let [code, name, place, customers, _, _, _, status, kind] = &row[..] else { panic!("{row:?}") };
                let place = place.replace(" > ", " › ") + if place.is_empty() { "" } else { " › " };
                let name = format!("{name} {place}{code}").split_whitespace().collect::<Vec<_>>().join(" ");
                vec![name, customers.clone(), status.clone(), kind.clone()]
            })
            .collect();
        let shown: Vec<Vec<String>> = html::rows(&page.body)
            .into_iter()
            .map(|row| vec![row[0].clone(), row[1].replace(',', ""), row[5].to_lowercase(), row[6].to_lowercase()])
            .collect();
        assert_eq!(as_shown, shown, "{query}");
        for (row, cells) in exported.iter().zip(html::rows(&page.body)) {
            // The list shows whole dollars, and chips that say where pricing and visibility come from.
            let cents: i64 = row[4].replace('.', "").parse().unwrap();
            assert_eq!(cells[2].replace(['$', ','], ""), ((cents + 50) / 100).to_string(), "{row:?}");
            assert!(cells[3].starts_with(&row[5]) && cells[4].starts_with(&row[6]), "{row:?} {cells:?}");
        }
    }
}

#[test]
fn the_export_holds_all_pages_once() {
    let app = TestApp::new();
    rows::run(
        &app.db,
        "INSERT INTO groups (id, code, name, status, parent_id)
         SELECT uuid_v7(), 'G' || n, 'Group ' || n, (ARRAY['active', 'inactive'])[n % 2 + 1],
                '01900000-0000-7000-8000-000000000000'
         FROM generate_series(1, 1203) n",
    );
    let viewer = app.sign_in(Role::Viewer);
    for (query, order) in [("?sort=-status", "status DESC, lower(name), id"), ("", "lower(name), id")] {
        let mut exported = csv(&viewer, &format!("/groups.csv{query}"));
        exported.remove(0);
        let codes: Vec<&String> = exported.iter().map(|row| &row[0]).collect();
        assert_eq!(
            codes,
            rows::texts(&app.db, &format!("SELECT code FROM groups ORDER BY {order}")).iter().collect::<Vec<_>>()
        );
    }
    // Where one stands in the list doesn't matter.
    let next = html::attribute(&viewer.get("/groups").body, "id=\"page-next\"", "href").unwrap();
    assert_eq!(csv(&viewer, &next.replace("/groups?", "/groups.csv?")).len(), 1 + 1 + 1203);
}

#[test]
fn no_cell_is_a_formula() {
    let app = TestApp::new();
    for (n, name) in ["=HYPERLINK(\"x\")", "+1+1", "-2+3", "@SUM(A1)", "plain = fine"].iter().enumerate() {
        rows::group(&app.db, &format!("G{n}"), name, None);
    }
    rows::group(&app.db, "-MINUS", "Minus", None);
    let exported = csv(&app.sign_in(Role::Viewer), "/groups.csv");
    let names: Vec<&str> = exported.iter().map(|row| row[1].as_str()).collect();
    for name in ["'=HYPERLINK(\"x\")", "'+1+1", "'-2+3", "'@SUM(A1)", "plain = fine"] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    assert!(exported.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{exported:?}");
}
