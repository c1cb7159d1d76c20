//! The filters of the customer list as conditions of a statement, and how many customers pass those of which the database
//! itself can't tell.

use crate::customers::listing::{Paid, Purchases, Wanted};
use crate::error::Result;
use crate::groups::group::ROOT_ID;
use crate::groups::store::naming::escape_like;
use crate::money::Currency;
use chrono::NaiveDate;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{Array, BigInt, Bool, Date, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// A bound value.
pub(super) enum Value {
    Text(String),
    Texts(Vec<String>),
    Id(Uuid),
    Whole(i64),
    Day(NaiveDate),
}

/// A statement under way.
#[derive(Default)]
pub(super) struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub(super) fn bind(&mut self, value: Value) -> &mut Self {
        self.values.push(value);
        self.text.push_str(&format!("${}", self.values.len()));
        self
    }

    pub(super) fn query(self) -> BoxedSqlQuery<'static, Pg, SqlQuery> {
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

/// How many customers pass a filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Share {
    /// Up to [`FEW`]: they are found first and put in order.
    Few,
    /// Up to [`SOME`]: their ids are found first, and looked for along the list.
    Some,
    /// More: the list is walked, where they soon turn up.
    #[default]
    Many,
}

/// So many customers are sooner put in order than looked for.
const FEW: i64 = 2_000;
/// So many ids are sooner found than looked for one by one.
const SOME: i64 = 50_000;

/// The filters that are on.
#[derive(Clone, Copy)]
pub(super) struct Filters<'a> {
    wanted: &'a Wanted,
    currency: Currency,
    tag: Share,
    purchases: Share,
}

impl<'a> Filters<'a> {
    /// The filters for counting: every customer is looked at anyway.
    pub(super) fn for_all(wanted: &'a Wanted, currency: Currency) -> Self {
        Self { wanted, currency, tag: Share::Many, purchases: Share::Many }
    }

    /// The filters for a page. The database would take a tag that nobody has for one that one in two hundred have, and
    /// look for it along the whole list.
    pub(super) fn for_page(conn: &mut PgConnection, wanted: &'a Wanted, currency: Currency) -> Result<Self> {
        let mut filters = Self::for_all(wanted, currency);
        if let Some(tag) = &wanted.tag
            && !is_common_tag(conn, tag)?
        {
            filters.tag = Share::Few;
        }
        if let Some(Purchases::AtLeast(amount)) = wanted.purchases {
            filters.purchases = buyers(conn, minor(amount, currency))?;
        }
        Ok(filters)
    }

    /// Whether nobody who ever completed an order passes (`Some(false)`), or nobody else (`Some(true)`).
    pub(super) fn only_buyers(&self) -> Option<bool> {
        self.wanted.purchases.map(|filter| filter != Purchases::Never)
    }

    /// Adds ` AND …` for every filter, on `customers c` and, where `with_purchases`, on `customer_purchases p`.
    pub(super) fn add_to(&self, sql: &mut Sql, with_purchases: bool) {
        let wanted = self.wanted;
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
            let (before, after) = match self.tag {
                Share::Few => (" AND c.id = ANY (ARRAY(SELECT t.id FROM customers t WHERE t.tags @> ", "))"),
                Share::Some | Share::Many => (" AND c.tags @> ", ""),
            };
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
        self.add_purchases_to(sql, with_purchases);
    }

    fn add_purchases_to(&self, sql: &mut Sql, with_purchases: bool) {
        let bought = "EXISTS (SELECT FROM customer_purchases b WHERE b.customer_id = c.id AND b.orders > 0)";
        match (self.wanted.purchases, with_purchases) {
            (None, _) => {}
            (Some(Purchases::Never), true) => {
                sql.push(" AND p.orders = 0");
            }
            (Some(Purchases::Never), false) => {
                sql.push(" AND NOT ").push(bought);
            }
            (Some(Purchases::Some), true) => {
                sql.push(" AND p.orders > 0");
            }
            (Some(Purchases::Some), false) => {
                sql.push(" AND ").push(bought);
            }
            (Some(Purchases::AtLeast(amount)), true) => {
                sql.push(" AND p.net >= ").bind(Value::Whole(minor(amount, self.currency)));
            }
            (Some(Purchases::AtLeast(amount)), false) => {
                let (before, after) = match self.purchases {
                    Share::Few => {
                        ("c.id = ANY (ARRAY(SELECT b.customer_id FROM customer_purchases b WHERE b.net >= ", "))")
                    }
                    // IS TRUE keeps it a set of ids that is made once, beside the walk.
                    Share::Some => {
                        ("(c.id IN (SELECT b.customer_id FROM customer_purchases b WHERE b.net >= ", ")) IS TRUE")
                    }
                    Share::Many => {
                        ("EXISTS (SELECT FROM customer_purchases b WHERE b.customer_id = c.id AND b.net >= ", ")")
                    }
                };
                sql.push(" AND ").push(before).bind(Value::Whole(minor(amount, self.currency))).push(after);
            }
        }
    }
}

/// An amount of major units in minor ones.
fn minor(amount: i64, currency: Currency) -> i64 {
    amount.saturating_mul(10i64.saturating_pow(u32::from(currency.decimals())))
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

/// Whether one customer in two hundred has a tag, by the statistics that the database keeps of the most common ones.
fn is_common_tag(conn: &mut PgConnection, tag: &str) -> Result<bool> {
    let answer: Answer = diesel::sql_query(
        "SELECT EXISTS (
             SELECT FROM pg_stats s,
                    unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) AS e(tag, frequency)
             WHERE s.schemaname = current_schema() AND s.tablename = 'customers' AND s.attname = 'tags'
               AND e.tag = $1 AND e.frequency > 0.005
         ) AS yes",
    )
    .bind::<Text, _>(tag)
    .get_result(conn)?;
    Ok(answer.yes)
}

/// How many customers bought for so much: counted in the index, and no further than it matters.
fn buyers(conn: &mut PgConnection, minor: i64) -> Result<Share> {
    let mut more_than = |count: i64| -> Result<bool> {
        let answer: Answer = diesel::sql_query(
            "SELECT EXISTS (SELECT FROM customer_purchases WHERE net >= $1 ORDER BY net OFFSET $2) AS yes",
        )
        .bind::<BigInt, _>(minor)
        .bind::<BigInt, _>(count)
        .get_result(conn)?;
        Ok(answer.yes)
    };
    if !more_than(FEW)? {
        return Ok(Share::Few);
    }
    Ok(if more_than(SOME)? { Share::Many } else { Share::Some })
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
