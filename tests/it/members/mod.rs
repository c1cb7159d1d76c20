//! Members by hand (SPEC 4): the shared core, the actions, the pages and the API.

mod core;

use crate::support::TestDb;
use crate::support::rows;

/// Memberships as `customer group marks`: `h` by hand, `r` by rule, `*` primary.
fn members(db: &TestDb) -> Vec<String> {
    rows::texts(
        db,
        "SELECT concat(c.code, ' ', g.code, ' ', CASE WHEN m.by_hand THEN 'h' END, CASE WHEN m.by_rule THEN 'r' END,
                       CASE WHEN m.is_primary THEN '*' END)
         FROM memberships m JOIN customers c ON c.id = m.customer_id JOIN groups g ON g.id = m.group_id
         ORDER BY c.code, g.code",
    )
}

/// The history as `joined customer group assignment`, in the order of customers and groups.
fn events(db: &TestDb) -> Vec<String> {
    rows::texts(
        db,
        "SELECT concat_ws(' ', e.kind, c.code, g.code, e.assignment)
         FROM membership_events e JOIN customers c ON c.id = e.customer_id JOIN groups g ON g.id = e.group_id
         ORDER BY c.code, g.code, e.id",
    )
}

/// Counts kept by the database agree with a recount, and everyone in a live group has one primary group.
fn assert_counts(db: &TestDb) {
    let wrong = rows::texts(
        db,
        "SELECT concat(g.code, ': ', g.member_count, ' kept, ', count(m.customer_id), ' counted')
         FROM groups g LEFT JOIN memberships m ON m.group_id = g.id
         GROUP BY g.id HAVING g.member_count <> count(m.customer_id)",
    );
    assert!(wrong.is_empty(), "{wrong:?}");
    let (kept, counted) = (
        rows::number(db, "SELECT grouped_customers FROM store_totals"),
        rows::number(
            db,
            "SELECT count(DISTINCT m.customer_id) FROM memberships m JOIN groups g ON g.id = m.group_id AND g.deleted_at IS NULL",
        ),
    );
    assert_eq!(kept, counted, "customers in live groups");
    let without = rows::texts(
        db,
        "SELECT DISTINCT c.code FROM customers c JOIN memberships m ON m.customer_id = c.id
         JOIN groups g ON g.id = m.group_id AND g.deleted_at IS NULL
         WHERE (SELECT count(*) FROM memberships p WHERE p.customer_id = c.id AND p.is_primary) <> 1",
    );
    assert!(without.is_empty(), "{without:?} have no primary group");
}
