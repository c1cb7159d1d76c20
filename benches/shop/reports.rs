//! Reports: performance of a group and of everyone, a comparison of six groups, the portfolio, each against one
//! hand-written statement over the same roll-ups and against plain SQL over order lines; and a long export against COPY.

use crate::bench::{Bench, Stage};
use crate::floors::Outcome;
use crate::machine;
use crate::table::Line;
use chrono::NaiveDate;
use clientele::reports::frame::Frame;
use clientele::reports::period::{Period, Span};
use clientele::reports::portfolio::Wanted;
use clientele::reports::store::performance::{performance, reports};
use clientele::reports::store::{Scope, at_one_moment, portfolio};
use diesel::pg::sql_types;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date};
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Instant;
use uuid::Uuid;

/// Rounds of each measurement, after one that warms up.
const ROUNDS: usize = 5;
/// Groups of the portfolio.
const GROUPS: i64 = 200;

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct Day {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
}

/// What both ways must agree on: net, gross, cost and orders of each group, and who returned.
#[derive(QueryableByName, Debug, PartialEq, Eq)]
struct Sums {
    #[diesel(sql_type = BigInt)]
    members: i64,
    #[diesel(sql_type = BigInt)]
    net: i64,
    #[diesel(sql_type = BigInt)]
    orders: i64,
    #[diesel(sql_type = BigInt)]
    before: i64,
    #[diesel(sql_type = BigInt)]
    again: i64,
}

/// Performance, comparison, portfolio, export.
pub fn measure(bench: &mut Bench, stage: &mut Stage<'_>) -> Outcome<()> {
    let mut conn = PgConnection::establish(stage.url)?;
    let conn = &mut conn;
    let last: Day = diesel::sql_query("SELECT max(day) AS day FROM orders").get_result(conn)?;
    let period = Period::of(Span::Last12Months, last.day).ok_or("the last 12 months are a period")?;
    let six: Vec<Id> = diesel::sql_query(
        "SELECT id FROM groups WHERE parent_id IS NOT NULL
         ORDER BY abs(member_count - (SELECT customers / 10 FROM store_totals)), id LIMIT 6",
    )
    .load(conn)?;
    let six: Vec<Uuid> = six.into_iter().map(|row| row.id).collect();
    compared(bench, conn, "report of a group with a tenth of all customers, 12 months", period, &six[..1])?;
    compared(bench, conn, "report of All Customers, 12 months", period, &[])?;
    compared(bench, conn, "comparison of six such groups, 12 months", period, &six)?;
    whole_portfolio(bench, conn, period)?;
    export(bench, stage, conn)
}

/// The reports of these groups, or of everyone where there are none.
fn compared(bench: &mut Bench, conn: &mut PgConnection, name: &str, period: Period, groups: &[Uuid]) -> Outcome<()> {
    let scopes: Vec<Scope> = match groups {
        [] => vec![Scope::Everyone],
        some => some.iter().map(|id| Scope::Groups(vec![*id])).collect(),
    };
    let ours = |conn: &mut PgConnection| -> Outcome<Vec<Sums>> {
        let found = at_one_moment(conn, |conn| match &scopes[..] {
            [one] => Ok(vec![performance(conn, period, one)?.report]),
            several => reports(conn, period, several),
        })?;
        let sums = |report: &clientele::reports::report::Report| Sums {
            members: report.members,
            net: report.ground.sums.net,
            orders: report.ground.sums.orders,
            before: report.ground.returned.before,
            again: report.ground.returned.again,
        };
        Ok(found.iter().map(sums).collect())
    };
    let floor = |conn: &mut PgConnection| by_hand(conn, period, groups, ROLLED_UP, EVERYONE);
    let lines = |conn: &mut PgConnection| by_hand(conn, period, groups, LINES, EVERYONE_OF_LINES);
    let (told, bare, plain) = (ours(conn)?, floor(conn)?, lines(conn)?);
    if told != bare || told != plain {
        return Err(format!("{name}: the report says {told:?}, roll-ups {bare:?}, lines {plain:?}").into());
    }
    let (mut took, mut least, mut long) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        took.push(timed(|| ours(conn).map(drop))?);
        least.push(timed(|| floor(conn).map(drop))?);
        if round == 0 {
            long.push(timed(|| lines(conn).map(drop))?);
        }
    }
    against_lines(bench, name, &took, &long);
    add(bench, name, took, least, 1.5);
    Ok(())
}

/// What each customer bought in the period ($2 to $5), in the one before (from $4 on) and in the one before that (from $3
/// on), from the running totals.
const ROLLED_UP: &str = "
    SELECT customer_id, net[d] - net[c] AS net, gross[d] - gross[c] AS gross, cost[d] - cost[c] AS cost,
           orders[d] - orders[c] AS orders, net[c] - net[b] AS net1, orders[c] - orders[b] AS orders1,
           orders[b] - orders[a] AS orders2
    FROM (SELECT *, width_bucket($3 - 1, days) + 1 AS a, width_bucket($4 - 1, days) + 1 AS b,
                 width_bucket($2 - 1, days) + 1 AS c, width_bucket($5, days) + 1 AS d
          FROM customer_running_totals) r";

/// The same from the lines alone.
const LINES: &str = "
    SELECT customer_id, sum(net) FILTER (WHERE day >= $2) AS net, sum(gross) FILTER (WHERE day >= $2) AS gross,
           sum(cost) FILTER (WHERE day >= $2) AS cost, sum(orders) FILTER (WHERE day >= $2) AS orders,
           sum(net) FILTER (WHERE day < $2 AND day >= $4) AS net1,
           sum(orders) FILTER (WHERE day < $2 AND day >= $4) AS orders1, sum(orders) FILTER (WHERE day < $4) AS orders2
    FROM (SELECT o.customer_id, o.day, sum(l.quantity::bigint * l.unit_price)::bigint AS net,
                 sum(l.quantity::bigint * l.list_price)::bigint AS gross,
                 sum(l.quantity::bigint * l.unit_cost)::bigint AS cost, (bool_or(l.quantity > 0))::int::bigint AS orders
          FROM orders o JOIN order_lines l ON l.order_id = o.id
          WHERE o.status = 'completed' AND o.currency = 'USD' AND o.day >= $3 AND o.day <= $5
          GROUP BY o.id) f
    GROUP BY customer_id";

/// Everyone's net, and who came back of all, from the customers of [`LINES`].
const EVERYONE_OF_LINES: &str =
    "SELECT sum(net) AS net, count(*) FILTER (WHERE orders1 > 0 AND orders > 0) AS again FROM c";

/// The same from the roll-ups.
const EVERYONE: &str = "
    SELECT (SELECT sum(net) FROM store_days WHERE day >= $2 AND day <= $5) AS net,
           (SELECT coalesce(sum(customers) FILTER (WHERE day >= $2), 0)
                   + coalesce(sum(customers) FILTER (WHERE day < $2 AND previous < $4), 0)
                   - coalesce(sum(customers) FILTER (WHERE previous < $4), 0)
            FROM store_returns WHERE day >= $4 AND day <= $5 AND previous < $2) AS again";

/// The figures of a report as one statement that somebody wrote for them, everyone's beside them: who returned in the
/// period and in the one before, the sums of both, the months.
fn by_hand(
    conn: &mut PgConnection,
    period: Period,
    groups: &[Uuid],
    customers: &str,
    everyone: &str,
) -> Outcome<Vec<Sums>> {
    let [_, preceding, first] = Frame::of(period).periods;
    let members = match groups {
        [] => "SELECT 0 AS g, id AS customer_id FROM customers WHERE $1::uuid[] IS NOT NULL",
        _ => {
            "SELECT t.g, m.customer_id FROM unnest($1::uuid[]) WITH ORDINALITY t (id, g) JOIN memberships m ON m.group_id = t.id"
        }
    };
    let query = format!(
        "WITH c AS ({customers}), everyone AS ({everyone}), m AS ({members})
         SELECT count(*) AS members, coalesce(sum(c.net), 0)::bigint AS net, coalesce(sum(c.orders), 0)::bigint AS orders,
                sum(c.gross) AS gross, sum(c.cost) AS cost, count(*) FILTER (WHERE c.orders1 > 0) AS before,
                count(*) FILTER (WHERE c.orders1 > 0 AND c.orders > 0) AS again,
                count(*) FILTER (WHERE c.orders2 > 0) AS first, coalesce(sum(c.net1), 0)::bigint AS net1,
                coalesce(sum(p.net), 0)::bigint AS lifetime, max(e.net) AS everyone, max(e.again) AS returned
         FROM everyone e, m LEFT JOIN c ON c.customer_id = m.customer_id
         LEFT JOIN customer_purchases p ON p.customer_id = m.customer_id
         GROUP BY m.g ORDER BY m.g"
    );
    use diesel::connection::SimpleConnection;
    conn.batch_execute("SET work_mem = '64MB'; SET jit = off; SET random_page_cost = 1.1")?;
    let rows = diesel::sql_query(query)
        .bind::<Array<sql_types::Uuid>, _>(groups)
        .bind::<Date, _>(period.from)
        .bind::<Date, _>(first.from)
        .bind::<Date, _>(preceding.from)
        .bind::<Date, _>(period.to)
        .load(conn)?;
    conn.batch_execute("RESET work_mem; RESET jit; RESET random_page_cost")?;
    Ok(rows)
}

/// The first page of the portfolio, by revenue, of so many groups as there are; the figures of the [`GROUPS`] largest are
/// the measure.
fn whole_portfolio(bench: &mut Bench, conn: &mut PgConnection, period: Period) -> Outcome<()> {
    let frame = Frame::of(period);
    let wanted = Wanted::of(|_| "");
    let page = |conn: &mut PgConnection| -> Outcome<Vec<i64>> {
        let rows = at_one_moment(conn, |conn| portfolio::page(conn, &frame, None, &wanted, 50))?.rows;
        Ok(rows.iter().map(|row| row.now.net).collect())
    };
    #[derive(QueryableByName)]
    struct Net {
        #[diesel(sql_type = BigInt)]
        net: i64,
    }
    let floor = |conn: &mut PgConnection, customers: &str| -> Outcome<Vec<i64>> {
        use diesel::connection::SimpleConnection;
        conn.batch_execute("SET work_mem = '64MB'; SET jit = off; SET random_page_cost = 1.1")?;
        let rows: Vec<Net> = diesel::sql_query(format!(
            "WITH c AS ({customers})
             SELECT g.id, coalesce(sum(c.net), 0)::bigint AS net, sum(c.cost) AS cost, sum(c.net1) AS net1,
                    count(m.customer_id) AS members, count(*) FILTER (WHERE c.orders1 > 0) AS before,
                    count(*) FILTER (WHERE c.orders1 > 0 AND c.orders > 0) AS again
             FROM groups g LEFT JOIN memberships m ON m.group_id = g.id LEFT JOIN c ON c.customer_id = m.customer_id
             WHERE g.deleted_at IS NULL AND g.parent_id IS NOT NULL AND $1::uuid[] IS NOT NULL
             GROUP BY g.id ORDER BY 2 DESC, g.id DESC LIMIT 50"
        ))
        .bind::<Array<sql_types::Uuid>, _>(Vec::<Uuid>::new())
        .bind::<Date, _>(period.from)
        .bind::<Date, _>(frame.periods[2].from)
        .bind::<Date, _>(frame.periods[1].from)
        .bind::<Date, _>(period.to)
        .load(conn)?;
        conn.batch_execute("RESET work_mem; RESET jit; RESET random_page_cost")?;
        Ok(rows.into_iter().map(|row| row.net).collect())
    };
    let (told, bare, plain) = (page(conn)?, floor(conn, ROLLED_UP)?, floor(conn, LINES)?);
    if told != bare || told != plain {
        return Err("the portfolio, the roll-ups and the lines don't agree".into());
    }
    let name = format!("portfolio of all groups, by revenue (at least {GROUPS} of them)");
    let (mut took, mut least) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        took.push(timed(|| page(conn).map(drop))?);
        least.push(timed(|| floor(conn, ROLLED_UP).map(drop))?);
    }
    let long = vec![timed(|| floor(conn, LINES).map(drop))?];
    against_lines(bench, &name, &took, &long);
    add(bench, &name, took, least, 1.5);
    Ok(())
}

/// All members of the largest group as CSV, over HTTP, against `COPY` of the same query; the server's memory meanwhile.
fn export(bench: &mut Bench, stage: &Stage<'_>, conn: &mut PgConnection) -> Outcome<()> {
    let largest: Id =
        diesel::sql_query("SELECT id FROM groups ORDER BY member_count DESC, id LIMIT 1").get_result(conn)?;
    let request = stage.browser.request(&format!("/groups/{}/members.csv", largest.id));
    let get = || -> Outcome<(f64, usize)> {
        let begun = Instant::now();
        let agent: ureq::Agent = ureq::Agent::config_builder().build().into();
        let mut sent = agent.get(&request.url);
        for (name, value) in request.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("accept-encoding")) {
            sent = sent.header(name, value);
        }
        let mut rows = 0;
        let mut answer = sent.call()?;
        let (mut reader, mut chunk) = (answer.body_mut().as_reader(), vec![0; 256 * 1024]);
        loop {
            match reader.read(&mut chunk)? {
                0 => break,
                read => rows += chunk[..read].iter().filter(|byte| **byte == b'\n').count(),
            }
        }
        Ok((begun.elapsed().as_secs_f64(), rows - 1))
    };
    let copy = || -> Outcome<f64> {
        let query = format!(
            "COPY (SELECT c.code, c.name, c.status, m.since::date, m.by_hand, m.is_primary, coalesce(p.net, 0), p.last_order_on
                   FROM memberships m JOIN customers c ON c.id = m.customer_id
                   LEFT JOIN customer_purchases p ON p.customer_id = m.customer_id
                   WHERE m.group_id = '{}' ORDER BY m.since, m.customer_id) TO STDOUT WITH CSV",
            largest.id
        );
        let begun = Instant::now();
        let done = Command::new("psql").args([stage.url, "-qc", &query]).stdout(Stdio::null()).status()?;
        if !done.success() {
            return Err("COPY failed".into());
        }
        Ok(begun.elapsed().as_secs_f64())
    };
    let (_, rows) = get()?;
    copy()?;
    let (_, before) = machine::memory(stage.server.pid()).unwrap_or_default();
    let (mut took, mut least) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        took.push(get()?.0);
        least.push(copy()?);
    }
    let (_, after) = machine::memory(stage.server.pid()).unwrap_or_default();
    let (ours, floor) = (median(&mut took), median(&mut least));
    bench.add(Line {
        scenario: format!("export of {rows} members as CSV (floor: COPY)"),
        ours: format!("{ours:.2} s, {:.0} rows/s", rows as f64 / ours),
        floor: format!("{floor:.2} s"),
        ratio: format!("{:.2} × its speed", floor / ours),
        goal: "≥ 0.5 × COPY".into(),
        met: Some(floor / ours >= 0.5),
        ..Line::default()
    });
    let grown = after.saturating_sub(before);
    bench.fact(
        "memory that three more exports took",
        format!("{:.1} MB", grown as f64 / 1e6),
        "flat",
        Some(grown < 8_000_000),
    );
    Ok(())
}

fn timed(work: impl FnOnce() -> Outcome<()>) -> Outcome<f64> {
    let begun = Instant::now();
    work()?;
    Ok(begun.elapsed().as_secs_f64())
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn against_lines(bench: &mut Bench, name: &str, ours: &[f64], lines: &[f64]) {
    let (ours, lines) = (median(&mut ours.to_vec()), median(&mut lines.to_vec()));
    let times = lines / ours;
    bench.add(Line {
        scenario: format!("{name}: against plain SQL over order lines"),
        ours: format!("{:.1} ms", ours * 1000.0),
        floor: format!("{:.1} ms", lines * 1000.0),
        ratio: format!("{times:.1} × faster"),
        goal: "≥ 20 × faster".into(),
        met: Some(times >= 20.0),
        ..Line::default()
    });
}

fn add(bench: &mut Bench, name: &str, mut ours: Vec<f64>, mut floor: Vec<f64>, most: f64) {
    let (middle, least) = (median(&mut ours), median(&mut floor));
    bench.add(Line {
        scenario: name.into(),
        ours: format!("{:.1} ms", middle * 1000.0),
        floor: format!("{:.1} ms", least * 1000.0),
        ratio: format!("{:.2} ×", middle / least),
        spread: format!("{:.1}–{:.1} ms", ours[0] * 1000.0, ours[ours.len() - 1] * 1000.0),
        goal: format!("≤ {most} ×"),
        met: Some(middle / least <= most),
    });
}
