//! A group's members: pages in any order, how many match, and who they are for a change of all of them.

use crate::clock::store_day;
use crate::db::composed::{Composed, sql};
use crate::db::keyset::{Page, one_more};
use crate::error::Result;
use crate::groups::group::Assignment;
use crate::groups::store::naming::escape_like;
use crate::members::listing::{Cursor, Filter, LastOrder, Order, Purchases, Sort};
use crate::members::selection::Seen;
use crate::money::Currency;
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use std::collections::HashMap;
use uuid::Uuid;

/// What filters on purchases and days are measured by.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// The store's currency.
    pub currency: Currency,
    /// Today in the store's zone.
    pub today: NaiveDate,
}

impl Measure {
    /// The store's, at this moment.
    pub fn at(currency: Currency, zone: Tz, now: DateTime<Utc>) -> Self {
        Self { currency, today: store_day(now, zone) }
    }
}

/// A row of the members' list.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Member {
    /// The customer.
    #[diesel(sql_type = SqlUuid)]
    pub customer_id: Uuid,
    /// Its code.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Its status, as stored.
    #[diesel(sql_type = Text)]
    pub status: String,
    /// Since when, UTC.
    #[diesel(sql_type = Timestamptz)]
    pub since: DateTime<Utc>,
    /// Lifetime net of completed orders, minor units of the store's currency.
    #[diesel(sql_type = BigInt)]
    pub purchases: i64,
    /// The store day of the last order.
    #[diesel(sql_type = Nullable<Date>)]
    pub last_order_on: Option<NaiveDate>,
    #[diesel(sql_type = Bool)]
    by_hand: bool,
    #[diesel(sql_type = Bool)]
    by_rule: bool,
    /// Whether this is the customer's primary group.
    #[diesel(sql_type = Bool)]
    pub is_primary: bool,
    /// Lower-cased by the database, whose order the pages follow.
    #[diesel(sql_type = Text)]
    lower_name: String,
}

impl Member {
    /// By rule, by hand, or both.
    pub fn assignment(&self) -> Assignment {
        Assignment::of(self.by_hand, self.by_rule)
    }

    /// The row's key in a list sorted by `sort`.
    pub fn cursor(&self, sort: Sort) -> Cursor {
        let key = match sort {
            Sort::Name => self.lower_name.clone(),
            Sort::Since => self.since.timestamp_micros().to_string(),
            Sort::Purchases => self.purchases.to_string(),
            Sort::LastOrder => self.last_order_on.unwrap_or(NEVER).to_string(),
        };
        Cursor { key, id: self.customer_id }
    }
}

/// Stands for the last order of who never ordered. In SQL: `DATE '0001-01-01'`.
const NEVER: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// A page of the members who match, of at most `limit` rows. The rows are chosen by what they are sorted by alone, and
/// everything else is read for these few.
pub fn page(
    conn: &mut PgConnection,
    group: Uuid,
    filter: &Filter,
    order: &Order,
    measure: &Measure,
    limit: usize,
) -> Result<Page<Member>> {
    let descends = order.descending != order.place.is_backwards();
    let (key, id) = match order.sort {
        Sort::Name => ("lower(c.name)", "c.id"),
        Sort::Since => ("m.since", "m.customer_id"),
        Sort::Purchases => ("coalesce(p.net, 0)", "m.customer_id"),
        Sort::LastOrder => ("coalesce(p.last_order_on, DATE '0001-01-01')", "m.customer_id"),
    };
    let query = sql(
        "SELECT c.id AS customer_id, c.code, c.name, c.status, m.since, coalesce(p.net, 0) AS purchases, p.last_order_on,
                m.by_hand, m.by_rule, m.is_primary, lower(c.name) AS lower_name
         FROM (SELECT m.*, ",
    )
    .sql(key)
    .sql(" AS key ")
    .then(matching(group, filter, measure, order.sort))
    .then(beyond(order, key, id, descends))
    .sql(" ORDER BY ")
    .sql(key)
    .sql(if descends { " DESC, " } else { ", " })
    .sql(id)
    .sql(if descends { " DESC LIMIT " } else { " LIMIT " })
    .number(one_more(limit))
    .sql(
        ") m JOIN customers c ON c.id = m.customer_id LEFT JOIN customer_purchases p ON p.customer_id = m.customer_id
         ORDER BY m.key ",
    )
    .sql(if descends { "DESC, c.id DESC" } else { ", c.id" });
    let rows: Vec<Member> = query.load(conn)?;
    Ok(Page::of(rows, &order.place, limit))
}

/// The rows after the cursor.
fn beyond(order: &Order, key: &'static str, id: &'static str, descends: bool) -> Composed {
    let Some(cursor) = order.place.key() else { return Composed::default() };
    let number = cursor.key.parse::<i64>().ok();
    let value = match order.sort {
        Sort::Name => sql("").text(cursor.key.clone()),
        Sort::Since => match number.and_then(DateTime::from_timestamp_micros).filter(|at| at.year() < 10_000) {
            Some(at) => sql("").instant(at),
            None => return Composed::default(),
        },
        Sort::Purchases => match number {
            Some(number) => sql("").number(number),
            None => return Composed::default(),
        },
        Sort::LastOrder => match cursor.key.parse::<NaiveDate>().ok().filter(|day| (1..10_000).contains(&day.year())) {
            Some(day) => sql("").day(day),
            None => return Composed::default(),
        },
    };
    sql(" AND (")
        .sql(key)
        .sql(", ")
        .sql(id)
        .sql(if descends { ") < (" } else { ") > (" })
        .then(value)
        .sql(", ")
        .id(cursor.id)
        .sql(")")
}

/// `FROM … WHERE …` of a group's members who match; only tables that are needed are read.
fn matching(group: Uuid, filter: &Filter, measure: &Measure, sort: Sort) -> Composed {
    let customers = sort == Sort::Name || !filter.text.is_empty() || filter.status.is_some();
    let purchases =
        matches!(sort, Sort::Purchases | Sort::LastOrder) || filter.purchases.is_some() || filter.last_order.is_some();
    let mut query = sql("FROM memberships m ");
    if customers {
        query = query.sql("JOIN customers c ON c.id = m.customer_id ");
    }
    if purchases {
        query = query.sql("LEFT JOIN customer_purchases p ON p.customer_id = m.customer_id ");
    }
    query = query.sql("WHERE m.group_id = ").id(group);
    if let Some(assignment) = filter.assignment {
        query = query.sql(match assignment {
            Assignment::Manual => " AND m.by_hand AND NOT m.by_rule",
            Assignment::Rule => " AND m.by_rule AND NOT m.by_hand",
            Assignment::RuleAndManual => " AND m.by_rule AND m.by_hand",
        });
    }
    query.then(conditions(filter, measure))
}

/// The conditions of a filter on a customer `c` and its purchases `p`.
pub(super) fn conditions(filter: &Filter, measure: &Measure) -> Composed {
    let mut query = Composed::default();
    if !filter.text.is_empty() {
        let pattern = format!("%{}%", escape_like(&filter.text.to_lowercase()));
        query = query.sql(" AND c.search LIKE ").text(pattern);
    }
    if let Some(status) = filter.status {
        query = query.sql(" AND c.status = ").text(status);
    }
    query = match filter.purchases {
        None => query,
        Some(Purchases::None) => query.sql(" AND coalesce(p.net, 0) = 0"),
        Some(Purchases::Some) => query.sql(" AND p.net > 0"),
        Some(Purchases::AtLeast(amount)) => {
            let minor = measure.currency.minor(amount.into()).unwrap_or(i64::MAX);
            query.sql(" AND p.net >= ").number(minor)
        }
    };
    let days_ago = |days: u32| measure.today.checked_sub_days(Days::new(days.into())).unwrap_or(measure.today);
    match filter.last_order {
        None => query,
        Some(LastOrder::Within(days)) => query.sql(" AND p.last_order_on > ").day(days_ago(days)),
        Some(LastOrder::NotWithin(days)) => {
            query.sql(" AND (p.last_order_on IS NULL OR p.last_order_on <= ").day(days_ago(days)).sql(")")
        }
        Some(LastOrder::Never) => query.sql(" AND p.last_order_on IS NULL"),
    }
}

/// The members of these customers, in the order of their names: those that were ticked on another page.
pub fn some(conn: &mut PgConnection, group: Uuid, customers: &[Uuid]) -> Result<Vec<Member>> {
    Ok(diesel::sql_query(
        "SELECT c.id AS customer_id, c.code, c.name, c.status, m.since, coalesce(p.net, 0) AS purchases, p.last_order_on,
                m.by_hand, m.by_rule, m.is_primary, lower(c.name) AS lower_name
         FROM memberships m JOIN customers c ON c.id = m.customer_id
         LEFT JOIN customer_purchases p ON p.customer_id = m.customer_id
         WHERE m.group_id = $1 AND m.customer_id = ANY ($2) ORDER BY lower(c.name), c.id",
    )
    .bind::<SqlUuid, _>(group)
    .bind::<Array<SqlUuid>, _>(customers)
    .load(conn)?)
}

#[derive(QueryableByName)]
pub(super) struct SeenRow {
    #[diesel(sql_type = BigInt)]
    pub(super) count: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) sum: i64,
}

impl From<SeenRow> for Seen {
    fn from(row: SeenRow) -> Self {
        Self { count: row.count, sum: row.sum }
    }
}

/// How many members match, and a sum over who they are. Looks at all of them: it is asked for after the page.
pub fn seen(conn: &mut PgConnection, group: Uuid, filter: &Filter, measure: &Measure) -> Result<Seen> {
    let query = sql("SELECT count(*) AS count, coalesce(bit_xor(uuid_hash_extended(m.customer_id, 0)), 0) AS sum ")
        .then(matching(group, filter, measure, Sort::Since));
    Ok(query.get_result::<SeenRow>(conn)?.into())
}

/// The customer ids of the members who match, under the name `id`.
pub(super) fn ids(group: Uuid, filter: &Filter, measure: &Measure) -> Composed {
    sql("SELECT m.customer_id AS id ").then(matching(group, filter, measure, Sort::Since))
}

#[derive(QueryableByName)]
struct YearRow {
    #[diesel(sql_type = SqlUuid)]
    customer_id: Uuid,
    #[diesel(sql_type = BigInt)]
    net: i64,
}

/// What these customers bought this year, in minor units; who bought nothing is left out.
pub fn bought_since(conn: &mut PgConnection, customers: &[Uuid], day: NaiveDate) -> Result<HashMap<Uuid, i64>> {
    let rows: Vec<YearRow> = diesel::sql_query(
        "SELECT customer_id, sum(net)::bigint AS net FROM customer_months
         WHERE customer_id = ANY ($1) AND month >= $2 GROUP BY customer_id",
    )
    .bind::<Array<SqlUuid>, _>(customers)
    .bind::<Date, _>(day)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.customer_id, row.net)).collect())
}
