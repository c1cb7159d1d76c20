//! The customer list in the database: pages by key, totals.
//!
//! The statement is put together from pieces that are constants of this program, with every value bound, and is planned
//! anew each time: the best way to the first rows depends on what is searched and how many have it.

use crate::customers::listing::{Key, Paid, Purchases, Sort, Wanted};
use crate::db::keyset::{Page, Place, one_more};
use crate::error::Result;
use crate::groups::group::ROOT_ID;
use crate::groups::store::naming::escape_like;
use crate::money::Currency;
use crate::schema::store_totals;
use chrono::NaiveDate;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// A bound value.
enum Value {
    Text(String),
    Texts(Vec<String>),
    Id(Uuid),
    Whole(i64),
    Day(NaiveDate),
}

/// A statement under way.
#[derive(Default)]
struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    fn bind(&mut self, value: Value) -> &mut Self {
        self.values.push(value);
        self.text.push_str(&format!("${}", self.values.len()));
        self
    }

    fn query(self) -> BoxedSqlQuery<'static, Pg, SqlQuery> {
        let mut query = diesel::sql_query(self.text).into_boxed::<Pg>();
        for value in self.values {
            query = match value {
                Value::Text(text) => query.bind::<Text, _>(text),
                Value::Texts(texts) => query.bind::<Array<Text>, _>(texts),
                Value::Id(id) => query.bind::<SqlUuid, _>(id),
                Value::Whole(number) => query.bind::<BigInt, _>(number),
                Value::Day(day) => query.bind::<Date, _>(day),
            };
        }
        query
    }
}

/// A stretch of the list: rows that have the value sorted by come first, those that have none after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stretch {
    Valued,
    Unvalued,
}

/// Where a stretch is read: its tables, what makes it, the value sorted by and the id.
struct Plan {
    from: &'static str,
    condition: &'static str,
    value: &'static str,
    id: &'static str,
}

fn plan(sort: Sort, stretch: Stretch) -> Plan {
    let customers = |condition, value| Plan { from: "customers c", condition, value, id: "c.id" };
    let purchases = |condition, value| Plan {
        from: "customer_purchases p JOIN customers c ON c.id = p.customer_id",
        condition,
        value,
        id: "p.customer_id",
    };
    match (sort, stretch) {
        (Sort::Name, _) => customers("true", "c.search"),
        (Sort::Since, Stretch::Valued) => customers("c.customer_since IS NOT NULL", "c.customer_since"),
        (Sort::Since, Stretch::Unvalued) => customers("c.customer_since IS NULL", "NULL"),
        (Sort::Purchases, Stretch::Valued) => purchases("true", "p.net"),
        (Sort::Purchases, Stretch::Unvalued) => {
            customers("NOT EXISTS (SELECT FROM customer_purchases p WHERE p.customer_id = c.id)", "NULL")
        }
        (Sort::LastOrder, Stretch::Valued) => purchases("p.last_order_on IS NOT NULL", "p.last_order_on"),
        (Sort::LastOrder, Stretch::Unvalued) => customers(
            "NOT EXISTS (SELECT FROM customer_purchases p
                         WHERE p.customer_id = c.id AND p.last_order_on IS NOT NULL)",
            "NULL",
        ),
    }
}

/// Adds ` AND …` for every filter that is on.
fn filter(sql: &mut Sql, wanted: &Wanted, rare: Rare, currency: Currency) {
    if !wanted.text.is_empty() {
        search(sql, &wanted.text);
    }
    if let Some(status) = wanted.status {
        sql.push(" AND c.status = ").bind(Value::Text(status.name().into()));
    }
    if let Some(country) = &wanted.country {
        sql.push(" AND c.country = ").bind(Value::Text(country.clone()));
    }
    if let Some(organization) = wanted.organization {
        sql.push(" AND c.organization_id = ").bind(Value::Id(organization));
    }
    // Every customer is in All Customers.
    if let Some(group) = wanted.group.filter(|group| *group != ROOT_ID) {
        sql.push(" AND EXISTS (SELECT FROM memberships m WHERE m.customer_id = c.id AND m.group_id = ");
        sql.bind(Value::Id(group)).push(")");
    }
    if let Some(tag) = &wanted.tag {
        let (before, after) = if rare.tag { FOUND_FIRST_BY_TAG } else { (" AND c.tags @> ", "") };
        sql.push(before).bind(Value::Texts(vec![tag.clone()])).push(after);
    }
    match wanted.paid {
        Some(Paid::Rated(rating)) => {
            sql.push(" AND c.payment_history = ").bind(Value::Text(rating.name().into()));
        }
        Some(Paid::Unknown) => {
            sql.push(" AND c.payment_history IS NULL");
        }
        None => {}
    }
    let bought = "EXISTS (SELECT FROM customer_purchases b WHERE b.customer_id = c.id AND";
    match wanted.purchases {
        Some(Purchases::Never) => {
            sql.push(" AND NOT ").push(bought).push(" b.orders > 0)");
        }
        Some(Purchases::Some) => {
            sql.push(" AND ").push(bought).push(" b.orders > 0)");
        }
        Some(Purchases::AtLeast(amount)) => {
            let common = " AND EXISTS (SELECT FROM customer_purchases b WHERE b.customer_id = c.id AND b.net >= ";
            let (before, after) = if rare.purchases { FOUND_FIRST_BY_NET } else { (common, ")") };
            sql.push(before).bind(Value::Whole(minor(amount, currency))).push(after);
        }
        None => {}
    }
}

/// An amount of major units in minor ones.
fn minor(amount: i64, currency: Currency) -> i64 {
    amount.saturating_mul(10i64.saturating_pow(u32::from(currency.decimals())))
}

/// Which filters few customers pass. The database can't tell a rare tag from one in two hundred, and would look for it
/// along the whole list; those few are found first instead, and put in order.
#[derive(Clone, Copy, Debug, Default)]
struct Rare {
    tag: bool,
    purchases: bool,
}

/// What stands before and after the value where the few are found first.
const FOUND_FIRST_BY_TAG: (&str, &str) = (" AND c.id = ANY (ARRAY(SELECT t.id FROM customers t WHERE t.tags @> ", "))");
const FOUND_FIRST_BY_NET: (&str, &str) =
    (" AND c.id = ANY (ARRAY(SELECT t.customer_id FROM customer_purchases t WHERE t.net >= ", "))");

/// Up to so many are few.
const FEW: i64 = 5_000;

impl Rare {
    fn of(conn: &mut PgConnection, wanted: &Wanted, currency: Currency) -> Result<Self> {
        let tag = match &wanted.tag {
            Some(tag) => !is_common_tag(conn, tag)?,
            None => false,
        };
        let purchases = match wanted.purchases {
            Some(Purchases::AtLeast(amount)) => bought_by_few(conn, minor(amount, currency))?,
            _ => false,
        };
        Ok(Self { tag, purchases })
    }
}

/// Whether one customer in two hundred has a tag, by the statistics that the database keeps of the most common ones.
fn is_common_tag(conn: &mut PgConnection, tag: &str) -> Result<bool> {
    let row: Exists = diesel::sql_query(
        "SELECT EXISTS (
             SELECT FROM pg_stats s,
                    unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) AS e(tag, frequency)
             WHERE s.schemaname = current_schema() AND s.tablename = 'customers' AND s.attname = 'tags'
               AND e.tag = $1 AND e.frequency > 0.005
         ) AS found",
    )
    .bind::<Text, _>(tag)
    .get_result(conn)?;
    Ok(row.found)
}

/// Whether few customers bought for so much: counted in the index, and no further than that.
fn bought_by_few(conn: &mut PgConnection, minor: i64) -> Result<bool> {
    let row: Exists = diesel::sql_query(
        "SELECT NOT EXISTS (SELECT FROM customer_purchases WHERE net >= $1 ORDER BY net OFFSET $2) AS found",
    )
    .bind::<BigInt, _>(minor)
    .bind::<BigInt, _>(FEW)
    .get_result(conn)?;
    Ok(row.found)
}

#[derive(QueryableByName)]
struct Exists {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// Three letters and more are found anywhere, through the trigram index. Fewer letters have no trigram but at the
/// beginning of a word: there they are looked for.
fn search(sql: &mut Sql, text: &str) {
    let pattern = escape_like(&text.to_lowercase());
    if text.chars().count() >= 3 {
        sql.push(" AND c.search LIKE ").bind(Value::Text(format!("%{pattern}%")));
        return;
    }
    let begins = [format!("{pattern}%"), format!("% {pattern}%"), format!("%\n{pattern}%")];
    sql.push(" AND (");
    for (n, begins) in begins.into_iter().enumerate() {
        sql.push(if n == 0 { "c.search LIKE " } else { " OR c.search LIKE " }).bind(Value::Text(begins));
    }
    sql.push(")");
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    key: Option<String>,
}

/// The rows of one stretch in the direction of the page, after `key` where there is one.
fn stretch(
    conn: &mut PgConnection,
    wanted: &Wanted,
    (rare, currency): (Rare, Currency),
    which: Stretch,
    key: Option<&Key>,
    limit: i64,
) -> Result<Vec<Key>> {
    let Plan { from, condition, value, id } = plan(wanted.sort, which);
    // Rows without a value always go by rising ids.
    let rises = (which == Stretch::Unvalued || !wanted.descending) != wanted.place.is_backwards();
    let (beyond, order) = if rises { (">", "ASC") } else { ("<", "DESC") };
    let mut sql = Sql::default();
    sql.push("SELECT ").push(id).push(" AS id, ").push(value).push("::text AS key FROM ").push(from);
    sql.push(" WHERE ").push(condition);
    filter(&mut sql, wanted, rare, currency);
    if let Some(Key { key, id: last }) = key {
        match key.as_deref().and_then(|key| bound(wanted.sort, key)) {
            Some((this, again)) => {
                sql.push(" AND (").push(value).push(", ").push(id).push(") ").push(beyond).push(" (");
                sql.bind(this).push(", ").bind(Value::Id(*last)).push(")");
                // The value alone lets an index of (value, id) or of the value begin at the right place.
                sql.push(" AND ").push(value).push(" ").push(beyond).push("= ").bind(again);
            }
            None => {
                sql.push(" AND ").push(id).push(" ").push(beyond).push(" ").bind(Value::Id(*last));
            }
        }
    }
    sql.push(" ORDER BY ");
    if which == Stretch::Valued {
        sql.push(value).push(" ").push(order).push(", ");
    }
    sql.push(id).push(" ").push(order).push(" LIMIT ").bind(Value::Whole(limit));
    let rows: Vec<Found> = sql.query().load(conn)?;
    Ok(rows.into_iter().map(|row| Key { key: row.key, id: row.id }).collect())
}

/// A key's value, twice: it is bound in two places.
fn bound(sort: Sort, key: &str) -> Option<(Value, Value)> {
    let value = || match sort {
        Sort::Name => Some(Value::Text(key.to_owned())),
        Sort::Purchases => key.parse().ok().map(Value::Whole),
        Sort::LastOrder | Sort::Since => key.parse().ok().map(Value::Day),
    };
    value().zip(value())
}

/// The page that is asked for: the keys of at most `limit` rows, in order.
pub fn page(conn: &mut PgConnection, wanted: &Wanted, currency: Currency, limit: usize) -> Result<Page<Key>> {
    let first = match wanted.place.key() {
        Some(Key { key: None, .. }) => Stretch::Unvalued,
        Some(_) | None => Stretch::Valued,
    };
    let onwards: &[Stretch] = match (wanted.sort, &wanted.place, first) {
        // Every customer has a name.
        (Sort::Name, ..) | (_, Place::Before(_), Stretch::Valued) => &[Stretch::Valued],
        (_, Place::Before(_), Stretch::Unvalued) => &[Stretch::Unvalued, Stretch::Valued],
        (_, _, Stretch::Valued) => &[Stretch::Valued, Stretch::Unvalued],
        (_, _, Stretch::Unvalued) => &[Stretch::Unvalued],
    };
    let rare = Rare::of(conn, wanted, currency)?;
    let mut rows: Vec<Key> = Vec::new();
    for which in onwards.iter().copied() {
        let missing = one_more(limit).saturating_sub(i64::try_from(rows.len()).unwrap_or(i64::MAX));
        if missing > 0 {
            let key = wanted.place.key().filter(|_| which == first);
            rows.extend(stretch(conn, wanted, (rare, currency), which, key, missing)?);
        }
    }
    Ok(Page::of(rows, &wanted.place, limit))
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    customers: i64,
}

/// How many customers match. All of them are kept count of; a filtered number is counted, and therefore loaded after
/// the page.
pub fn total(conn: &mut PgConnection, wanted: &Wanted, currency: Currency) -> Result<i64> {
    if wanted.is_plain() {
        return Ok(store_totals::table.select(store_totals::customers).first(conn)?);
    }
    let mut sql = Sql::default();
    sql.push("SELECT count(*) AS customers FROM customers c WHERE true");
    filter(&mut sql, wanted, Rare::default(), currency);
    let count: Count = sql.query().get_result(conn)?;
    Ok(count.customers)
}
