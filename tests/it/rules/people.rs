//! Customers with and without every value that a rule may ask for, and rules that ask for them.

use crate::support::rows::run;
use crate::support::{TestDb, rows};
use chrono::{Days, NaiveDate};
use diesel::sql_types::{Array, BigInt, Bool, Date, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use uuid::Uuid;

/// The store day of these tests.
pub fn today() -> NaiveDate {
    "2026-03-31".parse().unwrap()
}

/// A customer as rules see one.
#[derive(Clone, Debug)]
pub struct Person {
    pub status: &'static str,
    pub country: Option<&'static str>,
    pub region: Option<&'static str>,
    pub organization: Option<&'static str>,
    pub email: Option<&'static str>,
    pub since: Option<NaiveDate>,
    pub history: Option<&'static str>,
    pub tags: Vec<&'static str>,
    pub metadata: Value,
    pub orders: Vec<Order>,
    /// Codes of groups, and whether by hand.
    pub groups: Vec<(&'static str, bool)>,
}

#[derive(Clone, Debug)]
pub struct Order {
    pub days_ago: u64,
    pub net: i64,
    pub status: &'static str,
    pub currency: &'static str,
    pub is_credit_note: bool,
}

const REGIONS: [&str; 5] = ["", "Bavaria", "bavaria", "Washington; D.C.", "O'Higgins \"%_\\"];
const EMAILS: [&str; 6] = ["ann@shop.test", "Ann@SHOP.test", "b@other.test", "nobody", "x@", "\"a@b\"@ünï.test"];
const TAGS: [&str; 4] = ["press", "vip", "vip-2", "Größe"];
const KEYS: [&str; 3] = ["seats", "channel", "a.b"];
/// Groups that people are in, the last of them deleted.
const GROUPS: [&str; 3] = ["GOLD", "SILVER", "GONE"];

fn day_ago(days: u64) -> NaiveDate {
    today() - Days::new(days)
}

pub fn person() -> impl Strategy<Value = Person> {
    let order = (
        select(vec![0u64, 1, 6, 7, 29, 30, 89, 90, 364, 365, 400]),
        prop_oneof![select(vec![0i64, 1, 9_999, 10_000, 10_001, 33_333, 5_000_000]), 0i64..20_000],
        select(vec!["completed", "completed", "completed", "open", "cancelled"]),
        select(vec!["USD", "USD", "USD", "EUR"]),
        prop::bool::weighted(0.2),
    )
        .prop_map(|(days_ago, net, status, currency, is_credit_note)| Order {
            days_ago,
            net: if is_credit_note { -net } else { net },
            status,
            currency,
            is_credit_note,
        });
    let value = prop_oneof![
        select(vec![json!(5), json!(5.50), json!(-1), json!("5"), json!("5.5"), json!("web shop"), json!("")]),
        select(vec![json!(null), json!(true), json!([5]), json!({"x": 5}), json!("007"), json!("1e3"), json!("12 ")]),
        serde_json_number(),
    ];
    let metadata = prop::collection::vec((select(KEYS.to_vec()), value), 0..3)
        .prop_map(|pairs| Value::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()));
    (
        (
            select(vec!["active", "active", "inactive", "blocked"]),
            prop::option::of(select(vec!["DE", "AT", "US"])),
            prop::option::of(select(REGIONS.to_vec())),
            prop::option::of(select(vec!["ACME", "acme"])),
            prop::option::of(select(EMAILS.to_vec())),
            prop::option::of(prop_oneof![
                select(vec![
                    "2025-03-31",
                    "2025-04-01",
                    "2026-02-28",
                    "2026-03-01",
                    "2026-04-01",
                    "2024-02-29",
                    "2026-03-31"
                ])
                .prop_map(|day| day.parse().unwrap()),
                (0u64..900).prop_map(day_ago),
            ]),
        ),
        prop::option::of(select(vec!["poor", "fair", "good", "excellent"])),
        prop::collection::vec(select(TAGS.to_vec()), 0..3),
        metadata,
        prop::collection::vec(order, 0..5),
        prop::sample::subsequence(GROUPS.to_vec(), 0..=3),
        any::<[bool; 3]>(),
    )
        .prop_map(
            |((status, country, region, organization, email, since), history, tags, metadata, orders, groups, hand)| {
                let groups = groups.into_iter().zip(hand).collect();
                Person { status, country, region, organization, email, since, history, tags, metadata, orders, groups }
            },
        )
}

/// Numbers as JSON writes them, too long ones and exponents included.
fn serde_json_number() -> impl Strategy<Value = Value> {
    select(vec!["1e3", "123456789012345", "1234567890123456", "0.123456789012", "5.00", "-0.5", "1e40"])
        .prop_map(|text| serde_json::from_str(text).unwrap())
}

/// The groups and organizations that people are in.
pub fn furnish(db: &TestDb) {
    for code in GROUPS {
        rows::group(db, code, code, None);
    }
    run(db, "UPDATE groups SET deleted_at = now() WHERE code = 'GONE'");
    for code in ["ACME", "acme"] {
        run(db, &format!("INSERT INTO organizations (id, code, name) VALUES (uuid_v7(), '{code}', 'Acme')"));
    }
}

/// Writes people; their ids in the same order.
pub fn write(conn: &mut PgConnection, people: &[Person]) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for (place, person) in people.iter().enumerate() {
        let id = Uuid::now_v7();
        diesel::sql_query(
            "INSERT INTO customers (id, code, name, status, country, region, organization_id, email, customer_since,
                                    payment_history, tags, metadata)
             VALUES ($1, $2, $2, $3, $4, $5, (SELECT id FROM organizations WHERE code = $6), $7, $8, $9, $10, $11)",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(format!("P{place}"))
        .bind::<Text, _>(person.status)
        .bind::<Nullable<Text>, _>(person.country)
        .bind::<Nullable<Text>, _>(person.region)
        .bind::<Nullable<Text>, _>(person.organization)
        .bind::<Nullable<Text>, _>(person.email)
        .bind::<Nullable<Date>, _>(person.since)
        .bind::<Nullable<Text>, _>(person.history)
        .bind::<Array<Text>, _>(&person.tags)
        .bind::<Jsonb, _>(&person.metadata)
        .execute(conn)
        .unwrap();
        for (number, order) in person.orders.iter().enumerate() {
            diesel::sql_query(
                "INSERT INTO orders (id, order_number, customer_id, placed_at, day, status, currency, net, gross, cost, is_credit_note)
                 VALUES (uuid_v7(), $1, $2, $3::date, $3, $4, $5, $6, 0, 0, $7)",
            )
            .bind::<Text, _>(format!("P{place}-{number}"))
            .bind::<SqlUuid, _>(id)
            .bind::<Date, _>(day_ago(order.days_ago))
            .bind::<Text, _>(order.status)
            .bind::<Text, _>(order.currency)
            .bind::<BigInt, _>(order.net)
            .bind::<Bool, _>(order.is_credit_note)
            .execute(conn)
            .unwrap();
        }
        for (code, by_hand) in &person.groups {
            diesel::sql_query(
                "INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule)
                 SELECT id, $2, now(), $3, NOT $3 FROM groups WHERE code = $1",
            )
            .bind::<Text, _>(*code)
            .bind::<SqlUuid, _>(id)
            .bind::<Bool, _>(*by_hand)
            .execute(conn)
            .unwrap();
        }
        ids.push(id);
    }
    diesel::sql_query("SELECT recompute_purchases($1)").bind::<Array<SqlUuid>, _>(&ids).execute(conn).unwrap();
    ids
}

/// The fields of a rule, each with values of its type that people have, nearly have, and don't have.
pub fn fields() -> Vec<(&'static str, Option<u32>, Vec<Value>)> {
    let money = || {
        vec![
            json!("0.00"),
            json!("100.00"),
            json!("100.01"),
            json!("166.66"),
            json!("-1.00"),
            json!("90000000000000.00"),
        ]
    };
    let counts = || vec![json!(0), json!(1), json!(2), json!(-1), json!(1_000_000_000)];
    let texts = |all: &[&str]| all.iter().filter(|text| !text.is_empty()).map(|text| json!(text)).collect::<Vec<_>>();
    vec![
        ("total_purchases", None, money()),
        ("purchases_last_days", Some(1), money()),
        ("purchases_last_days", Some(30), money()),
        ("purchases_last_days", Some(3660), money()),
        ("order_count", None, counts()),
        ("orders_last_days", Some(7), counts()),
        ("orders_last_days", Some(90), counts()),
        ("average_order_value", None, money()),
        (
            "account_age_months",
            None,
            vec![json!(0), json!(1), json!(11), json!(12), json!(-1), json!(-1_000_000_000), json!(1_000_000_000)],
        ),
        ("days_since_last_order", None, vec![json!(0), json!(1), json!(30), json!(365), json!(-1)]),
        ("payment_history", None, texts(&["poor", "fair", "good", "excellent"])),
        ("status", None, texts(&["active", "inactive", "blocked"])),
        ("country", None, texts(&["DE", "at", "FR", "D"])),
        ("region", None, texts(&[&REGIONS[..], &["Ba", "%", "_", "\\"]].concat())),
        ("organization", None, texts(&["ACME", "acme", "A", "none"])),
        ("email_domain", None, texts(&["shop.test", "SHOP.test", "ünï.test", "other", "t"])),
        ("tag", None, texts(&[&TAGS[..], &["v", "none"]].concat())),
        (
            "metadata.seats",
            None,
            vec![json!(5), json!(5.5), json!("5"), json!("5.50"), json!(7), json!(-1), json!("true")],
        ),
        (
            "metadata.channel",
            None,
            vec![json!("web shop"), json!(5), json!("1e3"), json!(1000), json!("12 "), json!("1")],
        ),
        ("metadata.a.b", None, vec![json!(123456789012345i64), json!("web"), json!(0), json!("5.00")]),
        ("in_group", None, texts(&GROUPS[..2])),
    ]
}

/// All conditions of a field with an operator; none where the two don't go together.
pub fn conditions(field: &str, days: Option<u32>, op: &str, values: &[Value]) -> Vec<Value> {
    let condition = |value: Option<Value>| {
        let mut condition = json!({"field": field, "op": op});
        if let Some(days) = days {
            condition["days"] = json!(days);
        }
        if let Some(value) = value {
            condition["value"] = value;
        }
        condition
    };
    match op {
        "is_empty" | "is_not_empty" => vec![condition(None)],
        "in" | "not_in" => {
            let lists = (0..values.len()).map(|at| json!([values[at], values[(at + 1) % values.len()]]));
            lists.chain([json!([values[0]])]).map(|list| condition(Some(list))).collect()
        }
        "between" => {
            let pairs = values.iter().flat_map(|low| values.iter().map(move |high| json!([low, high])));
            pairs.map(|pair| condition(Some(pair))).collect()
        }
        _ => values.iter().map(|value| condition(Some(value.clone()))).collect(),
    }
}
