//! Members: pages of a large group by name and since when, searching customers, adding all that match.

use crate::bench::{Bench, PageGoal, Stage, latencies};
use crate::floors::Outcome;
use crate::shop::large_group;
use crate::table::Line;
use crate::timing;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use clientele::auth::role::Actor;
use clientele::db::statement::statement;
use clientele::members::actions::{self, Asked, Done};
use clientele::members::choice::Mode;
use clientele::members::listing::Filter;
use clientele::members::selection::{Seen, Selection};
use clientele::members::store::{candidates, list::Measure};
use clientele::money::Currency;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Finds a tenth of the customers: those whose code begins so, of a million.
const TENTH: &str = "bc-00";
/// A fragment that finds some.
const FRAGMENT: &str = "gal";

pub fn measure(bench: &mut Bench, stage: &mut Stage<'_>) -> Outcome<()> {
    let group = large_group(&mut stage.conn)?;
    for (sort, key) in [("name", "lower(c.name)"), ("since", "m.since")] {
        by(bench, stage, group, sort, key)?;
    }
    search(bench, stage, group)?;
    add_all(bench, stage)
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    since: DateTime<Utc>,
}

#[derive(QueryableByName)]
#[expect(dead_code, reason = "reading a column into its field is the work that is measured")]
struct Member {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Timestamptz)]
    since: DateTime<Utc>,
    #[diesel(sql_type = Nullable<BigInt>)]
    net: Option<i64>,
    #[diesel(sql_type = Bool)]
    by_hand: bool,
    #[diesel(sql_type = Bool)]
    by_rule: bool,
    #[diesel(sql_type = Bool)]
    is_primary: bool,
}

macro_rules! members {
    () => {
        "SELECT c.id, c.code, c.name, c.status, m.since, p.net, m.by_hand, m.by_rule, m.is_primary
         FROM memberships m JOIN customers c ON c.id = m.customer_id
         LEFT JOIN customer_purchases p ON p.customer_id = m.customer_id WHERE m.group_id = "
    };
}

/// The first page and the one after the row in the middle of the group: 50,000 of 100,000.
fn by(bench: &mut Bench, stage: &mut Stage<'_>, group: Uuid, sort: &str, key: &str) -> Outcome<()> {
    let middle: Place = diesel::sql_query(format!(
        "SELECT lower(c.name) AS key, c.id, m.since FROM memberships m JOIN customers c ON c.id = m.customer_id
         WHERE m.group_id = $1 ORDER BY {key}, c.id
         OFFSET (SELECT member_count / 2 FROM groups WHERE id = $1) LIMIT 1"
    ))
    .bind::<SqlUuid, _>(group)
    .get_result(&mut stage.conn)?;
    let cursor_key = if sort == "name" { middle.key.clone() } else { middle.since.timestamp_micros().to_string() };
    let cursor = serde_json::json!({ "key": cursor_key, "id": middle.id }).to_string();
    let first = format!("/groups/{group}/members?sort={sort}");
    let deep = format!("{first}&after={}", URL_SAFE_NO_PAD.encode(cursor));
    for (path, after) in [(&first, None), (&deep, Some(&middle))] {
        let floor = |conn: &mut PgConnection| floor(conn, group, sort, after);
        let page = stage.browser.page(path)?;
        for member in floor(&mut stage.conn)?.iter().take(50) {
            if !page.contains(&member.code) {
                return Err(format!("{path} doesn't show {}", member.code).into());
            }
        }
        let which = if after.is_none() { "first page" } else { "a page from the middle" };
        let name = format!("members of a large group by {sort}, {which}");
        let work = |conn: &mut PgConnection| floor(conn).map(|rows| drop(std::hint::black_box(rows)));
        bench.page(stage, &name, &stage.browser.request(path), &work, PageGoal::Elsewhere)?;
    }
    let (deep, first) = (stage.browser.request(&deep), stage.browser.request(&first));
    let (ours, least) =
        bench.runs(|lasting| timing::requests(&deep, 1, lasting), |lasting| timing::requests(&first, 1, lasting))?;
    bench.add(Line {
        scenario: format!("members by {sort}: the middle against the first page (as floor)"),
        met: Some(ours.p50() / least.p50() <= 1.3),
        goal: "≤ 1.3 ×".into(),
        ..latencies(&ours, &least)
    });
    Ok(())
}

fn floor(conn: &mut PgConnection, group: Uuid, sort: &str, after: Option<&Place>) -> Outcome<Vec<Member>> {
    let from = statement(members!()).bind::<SqlUuid, _>(group);
    Ok(match (sort, after) {
        ("name", None) => from.sql(" ORDER BY lower(c.name), c.id LIMIT 51").load(conn)?,
        ("name", Some(place)) => from
            .sql(" AND (lower(c.name), c.id) > (")
            .bind::<Text, _>(&place.key)
            .sql(", ")
            .bind::<SqlUuid, _>(place.id)
            .sql(") ORDER BY lower(c.name), c.id LIMIT 51")
            .load(conn)?,
        (_, None) => from.sql(" ORDER BY m.since, m.customer_id LIMIT 51").load(conn)?,
        (_, Some(place)) => from
            .sql(" AND (m.since, m.customer_id) > (")
            .bind::<Timestamptz, _>(place.since)
            .sql(", ")
            .bind::<SqlUuid, _>(place.id)
            .sql(") ORDER BY m.since, m.customer_id LIMIT 51")
            .load(conn)?,
    })
}

#[derive(QueryableByName)]
#[expect(dead_code, reason = "reading a column into its field is the work that is measured")]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    net: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    groups: Option<String>,
}

/// The first page of a search for customers to add; how many match follows it.
fn search(bench: &mut Bench, stage: &mut Stage<'_>, group: Uuid) -> Outcome<()> {
    let floor = |conn: &mut PgConnection| -> Outcome<Vec<Found>> {
        Ok(diesel::sql_query(
            "SELECT c.id, c.code, c.name, p.net,
                    (SELECT string_agg(g.name, ', ') FROM memberships m JOIN groups g ON g.id = m.group_id
                     WHERE m.customer_id = c.id) AS groups
             FROM (SELECT * FROM customers WHERE search LIKE $1 ORDER BY lower(name), id LIMIT 51) c
             LEFT JOIN customer_purchases p ON p.customer_id = c.id ORDER BY lower(c.name), c.id",
        )
        .bind::<Text, _>(format!("%{FRAGMENT}%"))
        .load(conn)?)
    };
    let path = format!("/groups/{group}/members/add?q={FRAGMENT}");
    let page = stage.browser.page(&path)?;
    for found in floor(&mut stage.conn)?.iter().take(50) {
        if !page.contains(&found.code) {
            return Err(format!("{path} doesn't show {}", found.code).into());
        }
    }
    let work = |conn: &mut PgConnection| floor(conn).map(|rows| drop(std::hint::black_box(rows)));
    let name = format!("customers to add, search \"{FRAGMENT}\"");
    bench.page(stage, &name, &stage.browser.request(&path), &work, PageGoal::Times)
}

/// Adds everybody who matches, in a transaction that is undone; the floor is the two bare statements.
fn add_all(bench: &mut Bench, stage: &mut Stage<'_>) -> Outcome<()> {
    let measure =
        Measure { currency: Currency::from_code("USD").ok_or("there is no USD")?, today: Utc::now().date_naive() };
    let filter = Filter { text: TENTH.into(), status: Some("active"), ..Filter::default() };
    let seen = candidates::seen(&mut stage.conn, &filter, &measure)?;
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..bench.repeats {
        ours.push(undone(&mut stage.conn, |conn, target| add(conn, target, &filter, seen, &measure))?);
        floor.push(undone(&mut stage.conn, bare)?);
    }
    let middle = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64()
    };
    let (ours, floor) = (middle(&mut ours), middle(&mut floor));
    let count = clientele::money::format_count(seen.count);
    bench.add(Line {
        scenario: format!("adding all {count} customers that match"),
        ours: format!("{ours:.2} s"),
        floor: format!("{floor:.2} s"),
        ratio: format!("{:.1} ×", ours / floor),
        goal: "≤ 2 ×".into(),
        met: Some(ours <= 2.0 * floor),
        ..Line::default()
    });
    Ok(())
}

/// How long something takes on a new group that nobody ever sees.
fn undone(conn: &mut PgConnection, work: impl Fn(&mut PgConnection, Uuid) -> Outcome<()>) -> Outcome<Duration> {
    let mut took = Duration::ZERO;
    let mut fault = None;
    let _ = conn.transaction::<(), diesel::result::Error, _>(|conn| {
        let target = Uuid::now_v7();
        diesel::sql_query(
            "INSERT INTO groups (id, code, name, parent_id)
             VALUES ($1, 'BENCH-TARGET', 'Bench target', '01900000-0000-7000-8000-000000000000')",
        )
        .bind::<SqlUuid, _>(target)
        .execute(conn)?;
        let begin = Instant::now();
        fault = work(conn, target).err();
        took = begin.elapsed();
        Err(diesel::result::Error::RollbackTransaction)
    });
    fault.map_or(Ok(took), Err)
}

fn add(conn: &mut PgConnection, target: Uuid, filter: &Filter, seen: Seen, measure: &Measure) -> Outcome<()> {
    let asked = Asked { actor: &Actor::command_line(), reason: "", now: Utc::now(), measure };
    match actions::add(conn, &asked, target, &Selection::Matching(filter.clone(), seen), Mode::Only)? {
        Done::Changed(_, outcome) if outcome.joined == seen.count => Ok(()),
        other => Err(format!("not all were added: {other:?}").into()),
    }
}

fn bare(conn: &mut PgConnection, target: Uuid) -> Outcome<()> {
    let pattern = format!("%{TENTH}%");
    diesel::sql_query(
        "INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule, is_primary)
         SELECT $1, c.id, now(), true, false, NOT EXISTS (SELECT FROM memberships m WHERE m.customer_id = c.id AND m.is_primary)
         FROM customers c WHERE c.search LIKE $2 AND c.status = 'active'",
    )
    .bind::<SqlUuid, _>(target)
    .bind::<Text, _>(&pattern)
    .execute(conn)?;
    diesel::sql_query(
        "INSERT INTO membership_events (id, at, group_id, customer_id, kind, assignment, actor_kind, actor_name)
         SELECT uuid_v7(), now(), $1, c.id, 'joined', 'manual', 'user', 'Bench'
         FROM customers c WHERE c.search LIKE $2 AND c.status = 'active'",
    )
    .bind::<SqlUuid, _>(target)
    .bind::<Text, _>(&pattern)
    .execute(conn)?;
    Ok(())
}
