//! Customers over the real application: the list, a customer's pages, the form, the sync by group names, the API.

mod api;
mod editing;
mod list;
mod show;
mod syncing;

use crate::support::{Page, TestApp, TestDb, rows};
use uuid::Uuid;

const CUSTOMERS: &str = "/admin/customers";

fn customer_id(db: &TestDb, code: &str) -> Uuid {
    rows::id(db, &format!("SELECT id FROM customers WHERE code = '{code}'"))
}

/// The customer's live groups with how it is in them, by name: `Gold by hand`; a star for the primary one.
fn groups_of(app: &TestApp, code: &str) -> Vec<String> {
    rows::texts(
        &app.db,
        &format!(
            "SELECT g.name || CASE WHEN by_hand AND by_rule THEN ' by both' WHEN by_hand THEN ' by hand' ELSE ' by rule' END
                    || CASE WHEN is_primary THEN '*' ELSE '' END
             FROM memberships m JOIN groups g ON g.id = m.group_id JOIN customers c ON c.id = m.customer_id
             WHERE c.code = '{code}' AND g.deleted_at IS NULL ORDER BY g.name"
        ),
    )
}

/// What a refused form says, with a look at its status and field.
fn refused(page: &Page, status: u16, field: &str, sentence: &str) {
    let text = page.text();
    assert_eq!(page.status, status, "{text}");
    assert!(text.contains(sentence), "{sentence:?} is not in: {text}");
    if !field.is_empty() {
        assert!(page.body.contains(&format!("id=\"field-{field}-error\"")), "nothing stands at {field}: {text}");
    }
}
