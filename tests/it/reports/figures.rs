//! Every metric of every group over several periods equals plain SQL over order lines, which knows no roll-ups.

use super::troubled;
use crate::support::{TestApp, TestDb, rows};
use clientele::auth::role::Role;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

/// A period with what it is compared with, written out: where the preceding one and the one before that begin, and the
/// years of the period and of the preceding one.
struct Case {
    from: &'static str,
    to: &'static str,
    before: &'static str,
    first: &'static str,
    years: &'static str,
    years_before: &'static str,
}

const fn case(
    from: &'static str,
    to: &'static str,
    before: &'static str,
    first: &'static str,
    years: &'static str,
    years_before: &'static str,
) -> Case {
    Case { from, to, before, first, years, years_before }
}

const CASES: [Case; 7] = [
    case("2025-11-23", "2026-11-22", "2024-11-23", "2023-11-23", "1", "1"),
    case("2026-01-01", "2026-03-31", "2025-10-01", "2025-07-01", "3/12.0", "3/12.0"),
    // 326 days.
    case("2026-01-01", "2026-11-22", "2025-02-09", "2024-03-20", "326/365.0", "326/365.0"),
    // 30 days; the 30 days before them happen to be a month.
    case("2026-10-24", "2026-11-22", "2026-09-24", "2026-08-24", "30/365.0", "1/12.0"),
    // 85 days.
    case("2026-02-10", "2026-05-05", "2025-11-17", "2025-08-24", "85/365.0", "85/365.0"),
    case("2026-03-03", "2026-03-03", "2026-03-02", "2026-03-01", "1/365.0", "1/365.0"),
    // Twelve months, though there is no February 29 to end before.
    case("2024-02-29", "2025-02-27", "2023-02-28", "2022-02-28", "1", "1"),
];

/// All orders that count, summed from their lines alone.
fn plain_orders(db: &TestDb) {
    rows::run(
        db,
        "CREATE TABLE plain_orders AS
         SELECT o.customer_id, (o.placed_at AT TIME ZONE s.time_zone)::date AS day, sum(l.quantity * l.unit_price) AS net,
                sum(l.quantity * l.list_price) AS gross, sum(l.quantity * l.unit_cost) AS cost,
                bool_or(l.quantity > 0) AS is_order
         FROM orders o JOIN order_lines l ON l.order_id = o.id, store_settings s
         WHERE o.status = 'completed' AND o.currency = s.currency
         GROUP BY o.id, s.time_zone",
    );
}

/// The metrics of the customers in `set` from one day to another, as the API would say them.
fn metrics(set: &str, from: &str, to: &str, before: &str, years: &str) -> String {
    let sums = |who: &str| {
        format!(
            "SELECT coalesce(sum(net), 0) AS net, coalesce(sum(gross), 0) AS gross, coalesce(sum(cost), 0) AS cost,
                    count(*) FILTER (WHERE is_order) AS orders
             FROM plain_orders WHERE {who} AND day BETWEEN '{from}' AND '{to}'"
        )
    };
    let bought = |from: &str, to: String| {
        format!(
            "SELECT customer_id FROM plain_orders WHERE is_order AND customer_id IN ({set}) AND day BETWEEN {from} AND {to}"
        )
    };
    let (preceding, now) =
        (bought(&format!("'{before}'"), format!("DATE '{from}' - 1")), bought(&format!("'{from}'"), format!("'{to}'")));
    format!(
        "(SELECT jsonb_build_object(
            'revenue', round(own.net / 100.0, 2)::text,
            'revenueShare', round(own.net / nullif(greatest(every.net, 0), 0), 6),
            'orders', own.orders,
            'ordersShare', round(own.orders / nullif(every.orders, 0)::numeric, 6),
            'averageOrderValue', round(own.net / nullif(own.orders, 0) / 100.0, 2)::text,
            'orderFrequency', round(own.orders / nullif(m.members, 0)::numeric / ({years}), 6),
            'customerLifetimeValue', round(m.lifetime / nullif(m.members, 0)::numeric / 100, 2)::text,
            'retentionRate', round(r.again / nullif(r.before, 0)::numeric, 6),
            'discountRate', round((own.gross - own.net) / nullif(greatest(own.gross, 0), 0), 6),
            'netMargin', round((own.net - own.cost) / nullif(greatest(own.net, 0), 0), 6))
         FROM ({}) own, ({}) every,
              (SELECT (SELECT count(*) FROM ({set}) s) AS members,
                      coalesce((SELECT sum(net) FROM plain_orders WHERE customer_id IN ({set})), 0) AS lifetime) m,
              (SELECT count(DISTINCT customer_id) AS before,
                      count(DISTINCT customer_id) FILTER (WHERE customer_id IN ({now})) AS again
               FROM ({preceding}) b) r)",
        sums(&format!("customer_id IN ({set})")),
        sums("true"),
    )
}

/// The customers of a group by definition: `ALL` has everyone; deleted subgroups count nowhere.
fn set(group: Uuid, code: &str, subgroups: bool) -> String {
    if code == "ALL" {
        return "SELECT id FROM customers".into();
    }
    format!(
        "WITH RECURSIVE tree AS (
             SELECT '{group}'::uuid AS id
             UNION SELECT g.id FROM groups g JOIN tree t ON g.parent_id = t.id WHERE g.deleted_at IS NULL AND {subgroups}
         ) SELECT DISTINCT customer_id FROM memberships WHERE group_id IN (SELECT id FROM tree)"
    )
}

/// Numbers are equal as numbers, whatever zeros stand behind them; everything else as it is.
fn same(got: &Value, expected: &Value, told: &str) {
    match (got, expected) {
        (Value::Object(got), Value::Object(expected)) => {
            for (key, expected) in expected {
                same(&got[key], expected, &format!("{told} {key}"));
            }
        }
        (Value::Array(got), Value::Array(expected)) => {
            assert_eq!(got.len(), expected.len(), "{told}: {got:?} for {expected:?}");
            for (n, (got, expected)) in got.iter().zip(expected).enumerate() {
                same(got, expected, &format!("{told} {n}"));
            }
        }
        (Value::Number(got), Value::Number(expected)) => {
            let number = |text: &serde_json::Number| text.to_string().parse::<Decimal>().unwrap();
            assert_eq!(number(got), number(expected), "{told}");
        }
        _ => assert_eq!(got, expected, "{told}"),
    }
}

/// Compares one report with plain SQL; how many orders were in it.
fn compare(app: &TestApp, report: &Value, set: &str, case: &Case, told: &str) -> i64 {
    let Case { from, to, before, first, years, years_before } = *case;
    let own = metrics(set, from, to, before, years);
    let everyone = metrics("SELECT id FROM customers", from, to, before, years);
    let day_before = format!("(DATE '{from}' - 1)");
    let day_before = rows::texts(&app.db, &format!("SELECT {day_before}::text")).remove(0);
    let previous = metrics(set, before, &day_before, first, years_before);
    let money = "round(sum(o.net) / 100.0, 2)::text";
    let at_risk = format!(
        "SELECT customer_id FROM plain_orders WHERE is_order AND customer_id IN ({set}) AND day BETWEEN '{before}' AND '{day_before}'
         EXCEPT SELECT customer_id FROM plain_orders WHERE is_order AND day BETWEEN '{from}' AND '{to}'"
    );
    let expected = rows::one(
        &app.db,
        &format!(
            "SELECT jsonb_build_object(
                'period', jsonb_build_object('from', '{from}', 'to', '{to}'),
                'members', (SELECT count(*) FROM ({set}) s),
                'metrics', {own}, 'baseline', {everyone}, 'previous', {previous},
                'atRiskCount', (SELECT count(*) FROM ({at_risk}) r),
                'trend', (SELECT jsonb_agg(t ORDER BY t.month) FROM (
                    SELECT to_char(m, 'YYYY-MM') AS month, round(coalesce(sum(o.net), 0) / 100.0, 2)::text AS revenue,
                           count(*) FILTER (WHERE o.is_order) AS orders
                    FROM generate_series(date_trunc('month', DATE '{from}'), DATE '{to}', interval '1 month') m
                    LEFT JOIN plain_orders o ON date_trunc('month', o.day) = m AND o.day BETWEEN '{from}' AND '{to}'
                        AND o.customer_id IN ({set})
                    GROUP BY m) t),
                'topCustomers', coalesce((SELECT jsonb_agg(jsonb_build_object('code', code, 'name', name, 'revenue', revenue))
                    FROM (SELECT c.code, c.name, {money} AS revenue FROM plain_orders o JOIN customers c ON c.id = o.customer_id
                          WHERE o.customer_id IN ({set}) AND o.day BETWEEN '{from}' AND '{to}'
                          GROUP BY c.id HAVING sum(o.net) > 0 ORDER BY sum(o.net) DESC, lower(c.name), c.code LIMIT 10) t), '[]'),
                'atRisk', coalesce((SELECT jsonb_agg(jsonb_build_object('code', code, 'name', name, 'revenue', revenue))
                    FROM (SELECT c.code, c.name, {money} AS revenue FROM plain_orders o JOIN customers c ON c.id = o.customer_id
                          WHERE o.customer_id IN ({at_risk}) AND o.day BETWEEN '{before}' AND '{day_before}'
                          GROUP BY c.id ORDER BY sum(o.net) DESC, lower(c.name), c.code LIMIT 10) t), '[]'))"
        ),
    );
    same(report, &expected, told);
    expected["metrics"]["orders"].as_i64().unwrap()
}

#[test]
fn every_metric_is_what_the_lines_say() {
    let app = troubled();
    plain_orders(&app.db);
    let api = app.api(Role::Viewer);
    let codes = rows::texts(&app.db, "SELECT code FROM groups WHERE deleted_at IS NULL ORDER BY code");
    assert!(codes.len() >= 17, "{codes:?}");
    let mut filled = 0;
    for code in &codes {
        let group = rows::group_id(&app.db, code);
        for subgroups in [true, false] {
            let set = set(group, code, subgroups);
            for case in &CASES {
                let told = format!("{code} {subgroups} {} {}", case.from, case.to);
                let path =
                    format!("/admin/reports/groups/{group}?from={}&to={}&subgroups={subgroups}", case.from, case.to);
                let answer = api.get(&path);
                assert_eq!(answer.status, 200, "{told}: {}", answer.json);
                filled += usize::from(compare(&app, &answer.json, &set, case, &told) > 0);
            }
        }
    }
    assert!(filled > 100, "{filled} reports with orders in them");
}

/// What the test above compares must not be the same everywhere.
#[test]
fn subgroups_and_periods_make_a_difference() {
    let app = troubled();
    let api = app.api(Role::Viewer);
    let vip = rows::group_id(&app.db, "VIP");
    let members =
        |query: &str| api.get(&format!("/admin/reports/groups/{vip}{query}")).json["members"].as_i64().unwrap();
    let (with, without) = (members(""), members("?subgroups=false"));
    assert_eq!(without, rows::number(&app.db, "SELECT member_count FROM groups WHERE code = 'VIP'"));
    assert!(with > without, "{with} {without}");
    // Who is in several of them counts once.
    let double = rows::number(
        &app.db,
        "SELECT sum(member_count) FROM groups g WHERE code = 'VIP' OR parent_id =
        (SELECT id FROM groups WHERE code = 'VIP') AND deleted_at IS NULL",
    );
    assert!(double > with, "{double} {with}");
}
