//! Rules: the preview, a full run, and one customer's change, each against hand-written statements.
//!
//! What changes members is done in a transaction that is rolled back: every round begins alike.

use crate::bench::{Bench, Stage};
use crate::floors::Outcome;
use crate::table::Line;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use clientele::auth::role::Actor;
use clientele::clock::store_day;
use clientele::groups::store::{self as groups, Group};
use clientele::money::Currency;
use clientele::rules::actions::{customers_changed, run_now};
use clientele::rules::parse::{Context, parse};
use clientele::rules::rule::Rule;
use clientele::rules::store::compile::{People, compile};
use clientele::rules::store::preview;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Timestamptz, Uuid as SqlUuid};
use serde_json::{Value, json};
use std::time::Instant;
use uuid::Uuid;

/// Rounds of each measurement, after one that warms up.
const ROUNDS: usize = 7;
/// The automatic groups that one customer's change is looked at by.
const RULES: i64 = 50;

/// Preview, full run, one customer.
pub fn measure(bench: &mut Bench, stage: &mut Stage<'_>) -> Outcome<()> {
    let mut conn = PgConnection::establish(stage.url)?;
    let conn = &mut conn;
    let now = Utc::now();
    let id = automatic(conn)?;
    let group = groups::live(conn, id)?;
    let json = json!({"match": "all", "of": [
        {"field": "total_purchases", "op": "gt", "value": "5000.00"},
        {"field": "account_age_months", "op": "gt", "value": 12},
        {"field": "payment_history", "op": "eq", "value": "excellent"},
    ]});
    previews(bench, conn, &json, &group, now)?;
    full_runs(bench, conn, &json, &group, now)?;
    one_customer(bench, conn, now)
}

/// An automatic group of middling size.
fn automatic(conn: &mut PgConnection) -> Outcome<Uuid> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let row: Row = diesel::sql_query(
        "SELECT id FROM groups WHERE type = 'automatic' AND deleted_at IS NULL AND capacity IS NULL
         ORDER BY member_count DESC, id LIMIT 1 OFFSET (
             SELECT least(20, count(*) / 2) FROM groups
             WHERE type = 'automatic' AND deleted_at IS NULL AND capacity IS NULL)",
    )
    .get_result(conn)?;
    Ok(row.id)
}

fn previews(
    bench: &mut Bench,
    conn: &mut PgConnection,
    json: &Value,
    group: &Group,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let today = store_day(now, Tz::UTC);
    let ours = |conn: &mut PgConnection| -> Outcome<Vec<i64>> {
        let rule = rule(json)?;
        let found = preview::count(conn, &compile(&rule, Currency::USD, today, &People::All), Some(group))?;
        let mut counts = vec![found.customers, found.matched, found.joins, found.leaves];
        counts.extend(found.passes.iter().chain(&found.remaining));
        counts.extend(found.missing.iter().map(|(_, customers)| customers));
        Ok(counts)
    };
    let floor = |conn: &mut PgConnection| counts_by_hand(conn, group.id, today);
    let (told, bare) = (ours(conn)?, floor(conn)?);
    if told != bare {
        return Err(format!("the preview says {told:?}, plain SQL {bare:?}").into());
    }
    let (mut took, mut least) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        took.push(timed(|| ours(conn).map(drop))?);
        least.push(timed(|| floor(conn).map(drop))?);
    }
    add(bench, "preview of a rule of three conditions with its funnel", took, Some(least), "≤ 1.5 ×", |ratio, _| {
        ratio <= 1.5
    });
    Ok(())
}

/// The same figures as one statement that somebody wrote for this rule.
fn counts_by_hand(conn: &mut PgConnection, group: Uuid, today: NaiveDate) -> Outcome<Vec<i64>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Array<BigInt>)]
        counts: Vec<i64>,
    }
    let row: Row = diesel::sql_query(
        "SELECT ARRAY[
             count(*), count(*) FILTER (WHERE a AND b AND c),
             count(*) FILTER (WHERE a AND b AND c AND m IS NULL AND e IS NULL AND status = 'active'),
             count(*) FILTER (WHERE m IS NOT NULL AND ((a AND b AND c) IS NOT TRUE OR e IS NOT NULL)),
             count(*) FILTER (WHERE a), count(*) FILTER (WHERE b), count(*) FILTER (WHERE c),
             count(*) FILTER (WHERE a), count(*) FILTER (WHERE a AND b), count(*) FILTER (WHERE a AND b AND c),
             count(*) FILTER (WHERE customer_since IS NULL), count(*) FILTER (WHERE payment_history IS NULL)
         ] AS counts
         FROM (
             SELECT c.status, c.customer_since, c.payment_history, m.customer_id AS m, e.customer_id AS e,
                    coalesce(p.net, 0) > 500000 AS a, c.customer_since <= $2::date - interval '13 months' AS b,
                    c.payment_history = 'excellent' AS c
             FROM customers c
             LEFT JOIN customer_purchases p ON p.customer_id = c.id
             LEFT JOIN memberships m ON m.group_id = $1 AND m.customer_id = c.id
             LEFT JOIN membership_exclusions e ON e.group_id = $1 AND e.customer_id = c.id
         ) s",
    )
    .bind::<SqlUuid, _>(group)
    .bind::<Date, _>(today)
    .get_result(conn)?;
    Ok(row.counts)
}

fn rule(json: &Value) -> Outcome<Rule> {
    let context = Context { currency: Currency::USD, groups: &[], own: None, is_stored: true };
    parse(json, &context).map_err(|faults| format!("{faults:?}").into())
}

/// A run over everybody when a part of the members has changed since the last one.
fn full_runs(
    bench: &mut Bench,
    conn: &mut PgConnection,
    json: &Value,
    group: &Group,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let today = store_day(now, Tz::UTC);
    let (mut took, mut least) = (Vec::new(), Vec::new());
    let mut sizes = (0, 0);
    for round in 0..=ROUNDS {
        for ours in [true, false] {
            let (seconds, joined, left) = undone(conn, |conn| {
                converge(conn, json, group, now)?;
                let begun = Instant::now();
                let (joined, left) = match ours {
                    true => {
                        let tally = run_now(conn, &Actor::command_line(), group.id, now)?.tally();
                        (tally.joined, tally.left)
                    }
                    false => run_by_hand(conn, group.id, today, now)?,
                };
                Ok((begun.elapsed().as_secs_f64(), joined, left))
            })?;
            if sizes != (0, 0) && sizes != (joined, left) {
                return Err(format!("a run joins and removes {joined} and {left}, another one {sizes:?}").into());
            }
            sizes = (joined, left);
            if round > 0 {
                if ours { took.push(seconds) } else { least.push(seconds) }
            }
        }
    }
    let name = format!("full run of a rule: {} join, {} leave", sizes.0, sizes.1);
    add(bench, &name, took, Some(least), "≤ 1.5 ×", |ratio, _| ratio <= 1.5);
    Ok(())
}

/// The members as the rule wants them, but for a thousand who left and a thousand who don't belong there.
fn converge(conn: &mut PgConnection, json: &Value, group: &Group, now: DateTime<Utc>) -> Outcome<()> {
    use clientele::schema::groups::dsl;
    diesel::update(dsl::groups.find(group.id)).set(dsl::rule.eq(Some(json))).execute(conn)?;
    run_now(conn, &Actor::command_line(), group.id, now)?;
    diesel::sql_query(
        "DELETE FROM memberships WHERE group_id = $1 AND customer_id IN (
             SELECT customer_id FROM memberships WHERE group_id = $1 ORDER BY customer_id LIMIT 1000)",
    )
    .bind::<SqlUuid, _>(group.id)
    .execute(conn)?;
    diesel::sql_query(
        "INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule)
         SELECT $1, id, $2, false, true FROM customers
         WHERE payment_history = 'poor' AND id NOT IN (SELECT customer_id FROM memberships WHERE group_id = $1)
         ORDER BY id LIMIT 1000",
    )
    .bind::<SqlUuid, _>(group.id)
    .bind::<Timestamptz, _>(now)
    .execute(conn)?;
    Ok(())
}

/// The difference as statements that somebody wrote for this rule: who matches, who leaves, who joins, their history,
/// and another primary group for those who lose theirs.
fn run_by_hand(conn: &mut PgConnection, group: Uuid, today: NaiveDate, now: DateTime<Utc>) -> Outcome<(i64, i64)> {
    const MATCHES: &str =
        "p.net > 500000 AND c.customer_since <= $2::date - interval '13 months' AND c.payment_history = 'excellent'";
    let run = |conn: &mut PgConnection, text: String| -> Outcome<i64> {
        let done = diesel::sql_query(text)
            .bind::<SqlUuid, _>(group)
            .bind::<Date, _>(today)
            .bind::<Timestamptz, _>(now)
            .execute(conn)?;
        Ok(done as i64)
    };
    run(
        conn,
        format!(
            "CREATE TEMP TABLE matching ON COMMIT DROP AS
             SELECT c.id, c.status FROM customers c JOIN customer_purchases p ON p.customer_id = c.id
             WHERE {MATCHES} AND $1::uuid IS NOT NULL AND $3::timestamptz IS NOT NULL"
        ),
    )?;
    let left = run(
        conn,
        "WITH gone AS (
             DELETE FROM memberships m WHERE m.group_id = $1 AND $2::date IS NOT NULL
                 AND NOT EXISTS (SELECT FROM matching x WHERE x.id = m.customer_id) RETURNING m.customer_id, m.is_primary
         ), elected AS (
             UPDATE memberships m SET is_primary = true FROM (
                 SELECT DISTINCT ON (o.customer_id) o.customer_id, o.group_id
                 FROM gone l JOIN memberships o ON o.customer_id = l.customer_id AND o.group_id <> $1
                 JOIN groups g ON g.id = o.group_id AND g.deleted_at IS NULL
                 WHERE l.is_primary ORDER BY o.customer_id, o.since, g.name
             ) n WHERE m.customer_id = n.customer_id AND m.group_id = n.group_id
         )
         INSERT INTO membership_events (id, at, group_id, customer_id, kind, assignment, actor_kind, actor_name)
         SELECT uuid_v7(), $3, $1, customer_id, 'left', 'rule', 'rule_run', 'Rule run' FROM gone"
            .into(),
    )?;
    let joined = run(
        conn,
        "WITH come AS (
             INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule, is_primary)
             SELECT $1, x.id, $3, false, true,
                    NOT EXISTS (SELECT FROM memberships p WHERE p.customer_id = x.id AND p.is_primary)
             FROM matching x
             WHERE x.status = 'active' AND $2::date IS NOT NULL
               AND NOT EXISTS (SELECT FROM memberships m WHERE m.group_id = $1 AND m.customer_id = x.id)
               AND NOT EXISTS (SELECT FROM membership_exclusions e WHERE e.group_id = $1 AND e.customer_id = x.id)
             RETURNING customer_id
         )
         INSERT INTO membership_events (id, at, group_id, customer_id, kind, assignment, actor_kind, actor_name)
         SELECT uuid_v7(), $3, $1, customer_id, 'joined', 'rule', 'rule_run', 'Rule run' FROM come"
            .into(),
    )?;
    diesel::sql_query("DROP TABLE matching").execute(conn)?;
    Ok((joined, left))
}

/// One customer's change: fifty automatic groups look at it at once, and some are joined or left. Their rules are put there
/// before and taken back after: a shop's rules don't change with every customer.
fn one_customer(bench: &mut Bench, conn: &mut PgConnection, now: DateTime<Utc>) -> Outcome<()> {
    diesel::sql_query(
        "CREATE TEMP TABLE rules_before AS SELECT id, rule FROM groups WHERE rule IS NOT NULL AND deleted_at IS NULL",
    )
    .execute(conn)?;
    let took = fifty_rules(conn).and_then(|()| changes_of_one(conn, now));
    diesel::sql_query("UPDATE groups g SET rule = b.rule FROM rules_before b WHERE g.id = b.id").execute(conn)?;
    diesel::sql_query("DROP TABLE rules_before").execute(conn)?;
    // What that left behind is gone, as autovacuum sees to in a shop's life.
    diesel::sql_query("VACUUM groups").execute(conn)?;
    let took = took?;
    add(bench, "one customer's change, looked at by 50 automatic groups", took, None, "p50 < 10 ms", |_, ours| {
        ours < 0.010
    });
    Ok(())
}

fn fifty_rules(conn: &mut PgConnection) -> Outcome<()> {
    diesel::sql_query(
        "UPDATE groups g SET rule = CASE WHEN n.place <= $1 THEN jsonb_build_object('match', 'all', 'of', jsonb_build_array(
             jsonb_build_object('field', 'region', 'op', 'eq', 'value', 'Bench ' || n.place % 10),
             jsonb_build_object('field', 'order_count', 'op', 'gte', 'value', 0),
             jsonb_build_object('field', 'purchases_last_days', 'op', 'gte', 'value', '-1.00', 'days', 90))) END
         FROM (SELECT id, row_number() OVER (ORDER BY (type = 'automatic') DESC, id) AS place
               FROM groups WHERE rule IS NOT NULL AND deleted_at IS NULL) n
         WHERE g.id = n.id",
    )
    .bind::<BigInt, _>(RULES)
    .execute(conn)?;
    diesel::sql_query("VACUUM groups").execute(conn)?;
    Ok(())
}

/// How long each of some customers' changes takes, in seconds.
fn changes_of_one(conn: &mut PgConnection, now: DateTime<Utc>) -> Outcome<Vec<f64>> {
    let customers: Vec<Uuid> = {
        use clientele::schema::customers::dsl;
        dsl::customers.select(dsl::id).order(dsl::code).offset(500).limit(ROUNDS as i64 * 4 + 1).load(conn)?
    };
    let mut took = Vec::new();
    for (round, id) in customers.iter().enumerate() {
        let seconds = undone(conn, |conn| {
            let begun = Instant::now();
            clientele::members::store::plan::begin(conn)?;
            diesel::sql_query("UPDATE customers SET region = 'Bench 3', version = version + 1 WHERE id = $1")
                .bind::<SqlUuid, _>(id)
                .execute(conn)?;
            customers_changed(conn, &Actor::command_line(), &[*id], now)?;
            Ok(begun.elapsed().as_secs_f64())
        })?;
        // The first connects, so to say: it prepares what the others ask again.
        if round > 0 {
            took.push(seconds);
        }
    }
    Ok(took)
}

/// What is done in a transaction that never happened.
fn undone<T>(conn: &mut PgConnection, work: impl FnOnce(&mut PgConnection) -> Outcome<T>) -> Outcome<T> {
    let mut kept = None;
    let ended = conn.transaction::<(), diesel::result::Error, _>(|conn| {
        kept = Some(work(conn));
        Err(diesel::result::Error::RollbackTransaction)
    });
    match (kept, ended) {
        (Some(done), Err(diesel::result::Error::RollbackTransaction)) => done,
        (_, Err(error)) => Err(error.into()),
        (None, Ok(())) | (Some(_), Ok(())) => Err("a transaction was not undone".into()),
    }
}

fn timed(work: impl FnOnce() -> Outcome<()>) -> Outcome<f64> {
    let begun = Instant::now();
    work()?;
    Ok(begun.elapsed().as_secs_f64())
}

fn add(
    bench: &mut Bench,
    name: &str,
    mut ours: Vec<f64>,
    floor: Option<Vec<f64>>,
    goal: &str,
    is_met: impl Fn(f64, f64) -> bool,
) {
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let told = |seconds: f64| format!("{:.1} ms", seconds * 1000.0);
    let middle = median(&mut ours);
    let least = floor.map(|mut floor| median(&mut floor));
    let ratio = least.map_or(0.0, |least| middle / least);
    bench.add(Line {
        scenario: name.into(),
        ours: told(middle),
        floor: least.map(told).unwrap_or_default(),
        ratio: least.map(|_| format!("{ratio:.2} ×")).unwrap_or_default(),
        spread: format!("{:.1}–{:.1} ms", ours[0] * 1000.0, ours[ours.len() - 1] * 1000.0),
        goal: goal.into(),
        met: Some(is_met(ratio, middle)),
    });
}
