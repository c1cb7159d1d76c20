//! Members by hand (SPEC 4): the shared core, the actions, the pages and the API.

mod api;
mod changes;
mod core;
mod pages;
mod together;
mod undoing;

use crate::support::TestDb;
use crate::support::rows;
use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;
use clientele::auth::role::{Actor, ActorKind, Role};
use clientele::error::Result;
use clientele::members::actions::{self, Asked, Done};
use clientele::members::choice::{Afterwards, Mode};
use clientele::members::outcome::Outcome;
use clientele::members::refusal::Cause;
use clientele::members::selection::Selection;
use clientele::members::store::list::Measure;
use clientele::money::Currency;
use diesel::{Connection, PgConnection};
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 10, 12, 0, 0).unwrap()
}

fn measure() -> Measure {
    Measure::at(Currency::from_code("USD").unwrap(), Tz::UTC, now())
}

fn editor() -> Actor {
    Actor { kind: ActorKind::User, id: Some(Uuid::now_v7()), name: "Ann".into(), role: Role::Editor, request_id: None }
}

/// Does something in a transaction, as somebody, at a time.
fn by<T>(
    db: &TestDb,
    actor: &Actor,
    at: DateTime<Utc>,
    f: impl FnOnce(&mut PgConnection, &Asked<'_>) -> Result<T>,
) -> Result<T> {
    let measure = measure();
    db.conn().transaction(|conn| f(conn, &Asked { actor, reason: "because", now: at, measure: &measure }))
}

fn done(result: Result<Done>) -> (Uuid, Outcome) {
    match result.unwrap() {
        Done::Changed(id, outcome) => (id, outcome),
        Done::SelectionChanged(seen) => panic!("changed to {seen}"),
    }
}

fn add(db: &TestDb, group: Uuid, ids: &[Uuid], mode: Mode) -> (Uuid, Outcome) {
    done(by(db, &editor(), now(), |conn, asked| actions::add(conn, asked, group, &Selection::ids(ids.to_vec()), mode)))
}

fn remove(db: &TestDb, group: Uuid, ids: &[Uuid], afterwards: Afterwards) -> (Uuid, Outcome) {
    done(by(db, &editor(), now(), |conn, asked| {
        actions::remove(conn, asked, group, &Selection::ids(ids.to_vec()), afterwards)
    }))
}

fn undo(db: &TestDb, group: Uuid, batch: Uuid) -> (Uuid, Outcome) {
    done(by(db, &editor(), now(), |conn, asked| actions::undo(conn, asked, group, batch)))
}

/// A live, active group of a type.
fn typed(db: &TestDb, code: &str, kind: &str) -> Uuid {
    let id = rows::group(db, code, code, None);
    rows::run(db, &format!("UPDATE groups SET type = '{kind}' WHERE id = '{id}'"));
    id
}

/// The causes of an outcome with the code of whom they keep.
fn causes(outcome: &Outcome) -> Vec<(&str, Cause)> {
    outcome.named.iter().map(|refused| (refused.code.as_str(), refused.refusal.cause)).collect()
}

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
