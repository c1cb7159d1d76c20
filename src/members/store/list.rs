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

/// A page of the members who match, of at most `limit` rows.
pub fn page(
    conn: &mut PgConnection,
    group: Uuid,
    filter: &Filter,
    order: &Order,
    measure: &Measure,
    limit: usize,
) -> Result<Page<Member>> {
    let list = List { group, filter, order, measure, limit };
    let rows = if order.sort == Sort::Name { by_name(conn, &list)? } else { list.sorted().load(conn)? };
    Ok(Page::of(rows, &order.place, limit))
}

/// The columns of a [`Member`].
pub(super) const TOLD: &str =
    "SELECT c.id AS customer_id, c.code, c.name, c.status, m.since, coalesce(p.net, 0) AS purchases,
    p.last_order_on, m.by_hand, m.by_rule, m.is_primary, lower(c.name) AS lower_name";

/// A page that is asked for.
struct List<'a> {
    group: Uuid,
    filter: &'a Filter,
    order: &'a Order,
    measure: &'a Measure,
    limit: usize,
}

/// How many names are looked through for a page of a large group before its members are sorted instead; with a text,
/// which takes longer to compare and has an index of its own, fewer.
const NAMES: i64 = 20_000;
const NAMES_WITH_TEXT: i64 = 5_000;

#[derive(QueryableByName)]
struct Sizes {
    #[diesel(sql_type = BigInt)]
    members: i64,
    #[diesel(sql_type = BigInt)]
    customers: i64,
}

/// Names are the customers' and not the memberships'. The members of a small group are sorted; for a large one the
/// customers are looked through by name, of whom enough are members. Where they aren't (a rare name, a group of people
/// whose names begin with Z), that ends after [`NAMES`], and those who are found by the text, or the members, are
/// sorted after all. Sorting is the better way as long as members² < 85 × customers: it looks at each member, the
/// other at a page × customers / members.
fn by_name(conn: &mut PgConnection, list: &List<'_>) -> Result<Vec<Member>> {
    let sizes: Sizes =
        sql("SELECT g.member_count::bigint AS members, t.customers FROM groups g, store_totals t WHERE g.id = ")
            .id(list.group)
            .get_result(conn)?;
    if sizes.members.saturating_mul(sizes.members) < sizes.customers.saturating_mul(85) {
        return Ok(list.sorted().load(conn)?);
    }
    let rows: Vec<Member> = list.looked_through().load(conn)?;
    let is_whole = i64::try_from(rows.len()).unwrap_or(i64::MAX) > i64::try_from(list.limit).unwrap_or(i64::MAX);
    if is_whole { Ok(rows) } else { Ok(list.sorted().load(conn)?) }
}

impl List<'_> {
    fn descends(&self) -> bool {
        self.order.descending != self.order.place.is_backwards()
    }

    /// The columns of the rows that `chosen` gives as `group_id`, `customer_id` and `key`.
    fn told(&self, chosen: Composed) -> Composed {
        sql(TOLD)
            .sql(" FROM (")
            .then(chosen)
            .sql(
                ") k JOIN memberships m ON m.group_id = k.group_id AND m.customer_id = k.customer_id
             JOIN customers c ON c.id = k.customer_id
             LEFT JOIN customer_purchases p ON p.customer_id = k.customer_id ORDER BY k.key ",
            )
            .sql(if self.descends() { "DESC, k.customer_id DESC" } else { ", k.customer_id" })
    }

    /// The page out of all members who match, chosen by what they are sorted by alone.
    fn sorted(&self) -> Composed {
        let (key, id) = match self.order.sort {
            Sort::Name => ("f.key", "f.customer_id"),
            Sort::Since => ("m.since", "m.customer_id"),
            Sort::Purchases => ("coalesce(p.net, 0)", "m.customer_id"),
            Sort::LastOrder => ("coalesce(p.last_order_on, DATE '0001-01-01')", "m.customer_id"),
        };
        let descends = self.descends();
        let all = matching(self.group, self.filter, self.measure, self.order.sort);
        let chosen = if self.order.sort == Sort::Name {
            // Materialized, or the planner would look through all customers by name here, too.
            sql("WITH f AS MATERIALIZED (SELECT m.group_id, m.customer_id, lower(c.name) AS key ")
                .then(all)
                .sql(") SELECT f.group_id, f.customer_id, f.key FROM f WHERE true")
        } else {
            sql("SELECT m.group_id, m.customer_id, ").sql(key).sql(" AS key ").then(all)
        };
        let chosen = chosen
            .then(beyond(self.order, key, id, descends))
            .sql(" ORDER BY ")
            .sql(key)
            .sql(if descends { " DESC, " } else { ", " })
            .sql(id)
            .sql(if descends { " DESC LIMIT " } else { " LIMIT " })
            .number(one_more(self.limit));
        self.told(chosen)
    }

    /// The page out of the next customers by name. The inner list gives its order on, so that no more of it is read
    /// than the page needs.
    fn looked_through(&self) -> Composed {
        let descends = self.descends();
        let purchases = self.filter.purchases.is_some() || self.filter.last_order.is_some();
        let chosen = sql("SELECT ")
            .id(self.group)
            .sql(
                " AS group_id, c.id AS customer_id, c.key
                 FROM (SELECT c.*, lower(c.name) AS key FROM customers c WHERE true",
            )
            .then(beyond(self.order, "lower(c.name)", "c.id", descends))
            .sql(if descends {
                " ORDER BY lower(c.name) DESC, c.id DESC LIMIT "
            } else {
                " ORDER BY lower(c.name), c.id LIMIT "
            })
            .number(if self.filter.text.is_empty() { NAMES } else { NAMES_WITH_TEXT })
            .sql(") c ")
            .sql(if purchases { "LEFT JOIN customer_purchases p ON p.customer_id = c.id " } else { "" })
            // OFFSET keeps this a look into the index for each customer.
            .sql("WHERE EXISTS (SELECT FROM memberships m WHERE m.customer_id = c.id AND m.group_id = ")
            .id(self.group)
            .sql(assigned(self.filter))
            .sql(" OFFSET 0)")
            .then(conditions(self.filter, self.measure))
            .sql(if descends { " ORDER BY c.key DESC, c.id DESC LIMIT " } else { " ORDER BY c.key, c.id LIMIT " })
            .number(one_more(self.limit));
        self.told(chosen)
    }
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
    query.sql("WHERE m.group_id = ").id(group).sql(assigned(filter)).then(conditions(filter, measure))
}

/// The condition of a filter on a membership `m`.
pub(super) fn assigned(filter: &Filter) -> &'static str {
    match filter.assignment {
        None => "",
        Some(Assignment::Manual) => " AND m.by_hand AND NOT m.by_rule",
        Some(Assignment::Rule) => " AND m.by_rule AND NOT m.by_hand",
        Some(Assignment::RuleAndManual) => " AND m.by_rule AND m.by_hand",
    }
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
    Ok(diesel::sql_query(format!(
        "{TOLD} FROM memberships m JOIN customers c ON c.id = m.customer_id
         LEFT JOIN customer_purchases p ON p.customer_id = m.customer_id
         WHERE m.group_id = $1 AND m.customer_id = ANY ($2) ORDER BY lower(c.name), c.id",
    ))
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
