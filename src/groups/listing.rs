//! The group list: what is asked for, and the page of rows that answers it.

use super::group::{GroupType, ROOT_ID, Status};
use super::store::{escape_like, lower};
use crate::error::Result;
use crate::schema::{groups, store_months, store_totals};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

/// What the list can be sorted by. Ties go by name, then by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Name, without case.
    #[default]
    Name,
    /// Own members.
    Customers,
    /// Active before inactive.
    Status,
    /// Automatic, hybrid, manual.
    Type,
}

impl Sort {
    /// All, in the order of the columns.
    pub const ALL: [Sort; 4] = [Self::Name, Self::Customers, Self::Status, Self::Type];

    /// The name in the address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Customers => "customers",
            Self::Status => "status",
            Self::Type => "type",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == name)
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Part of a name or code, as typed.
    pub text: String,
    /// Only this status.
    pub status: Option<Status>,
    /// Only this type.
    pub kind: Option<GroupType>,
    /// Deleted groups instead of live ones.
    pub deleted: bool,
    /// By what.
    pub sort: Sort,
    /// The greatest first.
    pub descending: bool,
    /// Which page.
    pub from: From,
}

/// Where a page lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// At the beginning.
    #[default]
    Start,
    /// After this row.
    After(Cursor),
    /// Before this row: the page that ends there.
    Before(Cursor),
}

/// The query part of the address. What it says wrongly is ignored: an old bookmark shows a list, not an error.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Params {
    /// Search text.
    #[serde(default)]
    pub q: String,
    /// Status.
    #[serde(default)]
    pub status: String,
    /// Type.
    #[serde(default, rename = "type")]
    pub kind: String,
    /// `1` for deleted groups.
    #[serde(default)]
    pub deleted: String,
    /// Column; `-` before it for the greatest first.
    #[serde(default)]
    pub sort: String,
    /// Cursor of the row before the page.
    #[serde(default)]
    pub after: String,
    /// Cursor of the row after the page.
    #[serde(default)]
    pub before: String,
}

impl std::convert::From<Params> for Wanted {
    fn from(params: Params) -> Self {
        let (descending, column) = match params.sort.strip_prefix('-') {
            Some(column) => (true, column),
            None => (false, params.sort.as_str()),
        };
        let sort = Sort::from_name(column);
        let text: String = params.q.chars().filter(|c| *c != '\0').take(120).collect();
        Self {
            text: text.trim().to_owned(),
            status: Status::from_name(&params.status),
            kind: GroupType::from_name(&params.kind),
            deleted: params.deleted == "1",
            descending: descending && sort.is_some(),
            sort: sort.unwrap_or_default(),
            from: match (Cursor::decode(&params.after), Cursor::decode(&params.before)) {
                (Some(after), _) => From::After(after),
                (None, Some(before)) => From::Before(before),
                (None, None) => From::Start,
            },
        }
    }
}

impl Wanted {
    /// Whether it asks for all live groups.
    pub fn is_plain(&self) -> bool {
        self.text.is_empty() && self.status.is_none() && self.kind.is_none() && !self.deleted
    }
}

/// The sort key of the last row of a page, as an opaque text in the address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The value sorted by: a count, a status, a type; empty when sorted by name.
    key: String,
    /// The lower-cased name.
    name: String,
    id: Uuid,
}

impl Cursor {
    /// For the address.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// `None` where it isn't one.
    pub fn decode(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > 1000 {
            return None;
        }
        let cursor: Self = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        (!cursor.name.contains('\0') && !cursor.key.contains('\0')).then_some(cursor)
    }
}

/// A row of the list as stored; pricing and visibility come from inheritance.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = groups)]
pub struct Row {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Code.
    pub code: String,
    status: String,
    type_: String,
    /// Own members; for All Customers take the store's total.
    pub member_count: i32,
    /// The group above.
    pub parent_id: Option<Uuid>,
    /// Lower-cased by the database, whose order the pages follow.
    #[diesel(select_expression = lower(groups::name))]
    lower_name: String,
}

impl Row {
    /// Active or inactive.
    pub fn status(&self) -> Status {
        Status::from_name(&self.status).unwrap_or(Status::Inactive)
    }

    /// Manual, automatic or hybrid.
    pub fn kind(&self) -> GroupType {
        GroupType::from_name(&self.type_).unwrap_or(GroupType::Manual)
    }

    fn cursor(&self, sort: Sort) -> Cursor {
        let key = match sort {
            Sort::Name => String::new(),
            Sort::Customers => self.member_count.to_string(),
            Sort::Status => self.status.clone(),
            Sort::Type => self.type_.clone(),
        };
        Cursor { key, name: self.lower_name.clone(), id: self.id }
    }
}

/// A page of rows and the way to its neighbours.
#[derive(Clone, Debug)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// For the page before; `None` on the first one.
    pub previous: Option<Cursor>,
    /// For the page after; `None` on the last one.
    pub next: Option<Cursor>,
}

type Boxed<'a> = groups::BoxedQuery<'a, Pg>;

fn filtered(query: &Wanted) -> Boxed<'static> {
    let mut rows = groups::table.into_boxed();
    rows = if query.deleted {
        rows.filter(groups::deleted_at.is_not_null())
    } else {
        rows.filter(groups::deleted_at.is_null())
    };
    if !query.text.is_empty() {
        rows = rows.filter(groups::search.like(format!("%{}%", escape_like(&query.text.to_lowercase()))));
    }
    if let Some(status) = query.status {
        rows = rows.filter(groups::status.eq(status.name()));
    }
    if let Some(kind) = query.kind {
        rows = rows.filter(groups::type_.eq(kind.name()));
    }
    rows
}

type Condition = Box<dyn BoxableExpression<groups::table, Pg, SqlType = Bool>>;

/// How the rows of a page are fetched: the page before a row is fetched backwards and turned round afterwards.
#[derive(Clone, Copy)]
struct Direction {
    column_descends: bool,
    ties_descend: bool,
}

impl Wanted {
    fn direction(&self) -> Direction {
        let backwards = matches!(self.from, From::Before(_));
        // Names are their own tie-breaker: with them everything turns; otherwise ties go by rising names.
        let ties = self.sort == Sort::Name && self.descending;
        Direction { column_descends: self.descending != backwards, ties_descend: ties != backwards }
    }

    fn cursor(&self) -> Option<&Cursor> {
        match &self.from {
            From::Start => None,
            From::After(cursor) | From::Before(cursor) => Some(cursor),
        }
    }
}

/// Rows of the same key that come after the cursor: by name, then by id.
fn later_tie(cursor: &Cursor, descend: bool) -> Condition {
    let (name, id) = (cursor.name.clone(), cursor.id);
    if descend {
        Box::new(lower(groups::name).lt(name.clone()).or(lower(groups::name).eq(name).and(groups::id.lt(id))))
    } else {
        Box::new(lower(groups::name).gt(name.clone()).or(lower(groups::name).eq(name).and(groups::id.gt(id))))
    }
}

/// Rows after the cursor by (column, name, id), in that order.
macro_rules! sorted_by {
    ($rows:expr, $wanted:expr, $column:expr, $key:expr) => {{
        let Direction { column_descends, ties_descend } = $wanted.direction();
        let rows = match ($wanted.cursor(), $key) {
            (Some(cursor), Some(key)) => {
                let ties = $column.eq(key.clone()).and(later_tie(cursor, ties_descend));
                if column_descends {
                    $rows.filter($column.lt(key).or(ties))
                } else {
                    $rows.filter($column.gt(key).or(ties))
                }
            }
            _ => $rows,
        };
        let rows = if column_descends { rows.order($column.desc()) } else { rows.order($column.asc()) };
        in_tie_order(rows, ties_descend)
    }};
}

fn in_tie_order(rows: Boxed<'static>, descend: bool) -> Boxed<'static> {
    if descend {
        rows.then_order_by((lower(groups::name).desc(), groups::id.desc()))
    } else {
        rows.then_order_by((lower(groups::name).asc(), groups::id.asc()))
    }
}

fn sorted(rows: Boxed<'static>, wanted: &Wanted) -> Boxed<'static> {
    let key = wanted.cursor().map(|cursor| cursor.key.clone());
    match wanted.sort {
        Sort::Status => sorted_by!(rows, wanted, groups::status, key),
        Sort::Type => sorted_by!(rows, wanted, groups::type_, key),
        Sort::Customers => {
            let count = key.and_then(|key| key.parse::<i32>().ok());
            sorted_by!(rows, wanted, groups::member_count, count)
        }
        Sort::Name => {
            let descend = wanted.direction().ties_descend;
            let rows = match wanted.cursor() {
                Some(cursor) => rows.filter(later_tie(cursor, descend)),
                None => rows,
            };
            in_tie_order(rows, descend)
        }
    }
}

/// The page that is asked for, of at most `limit` rows.
pub fn page(conn: &mut PgConnection, wanted: &Wanted, limit: usize) -> Result<Page> {
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
    let mut rows: Vec<Row> = sorted(filtered(wanted), wanted).select(Row::as_select()).limit(one_more).load(conn)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let (before, after) = match wanted.from {
        From::Start => (false, more),
        From::After(_) => (true, more),
        From::Before(_) => {
            rows.reverse();
            (more, true)
        }
    };
    let previous = rows.first().filter(|_| before).map(|row| row.cursor(wanted.sort));
    let next = rows.last().filter(|_| after).map(|row| row.cursor(wanted.sort));
    Ok(Page { rows, previous, next })
}

/// Net revenue per group: lifetime net of the members' completed orders in the store's currency, minor units. All
/// Customers has the store's. It looks at every member, so callers ask for it only where that is little, or later.
pub fn revenue(conn: &mut PgConnection, groups: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let rows: Vec<Revenue> = diesel::sql_query(
        "SELECT m.group_id, sum(p.net)::bigint AS net
         FROM memberships m JOIN customer_purchases p ON p.customer_id = m.customer_id
         WHERE m.group_id = ANY ($1)
         GROUP BY m.group_id",
    )
    .bind::<Array<SqlUuid>, _>(groups)
    .load(conn)?;
    let mut revenue: HashMap<Uuid, i64> = groups.iter().map(|group| (*group, 0)).collect();
    revenue.extend(rows.into_iter().map(|row| (row.group_id, row.net)));
    if revenue.contains_key(&ROOT_ID) {
        let all: Vec<i64> = store_months::table.select(store_months::net).load(conn)?;
        revenue.insert(ROOT_ID, all.into_iter().sum());
    }
    Ok(revenue)
}

#[derive(QueryableByName)]
struct Revenue {
    #[diesel(sql_type = SqlUuid)]
    group_id: Uuid,
    #[diesel(sql_type = BigInt)]
    net: i64,
}

/// What stands under the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// Groups that match.
    pub groups: i64,
    /// Distinct customers with a membership in them.
    pub customers: i64,
}

/// Totals of the plain list: the groups counted, the distinct customers kept.
pub fn plain_totals(conn: &mut PgConnection) -> Result<Totals> {
    Ok(Totals {
        groups: groups::table.filter(groups::deleted_at.is_null()).count().get_result(conn)?,
        customers: store_totals::table.select(store_totals::grouped_customers).first(conn)?,
    })
}

/// How many customers there are: the members of All Customers.
pub fn all_customers(conn: &mut PgConnection) -> Result<i64> {
    Ok(store_totals::table.select(store_totals::customers).first(conn)?)
}

#[derive(QueryableByName)]
struct CountedTotals {
    #[diesel(sql_type = BigInt)]
    groups: i64,
    #[diesel(sql_type = BigInt)]
    customers: i64,
}

/// Totals of a filtered list: counted, and therefore loaded after the page.
pub fn filtered_totals(conn: &mut PgConnection, query: &Wanted) -> Result<Totals> {
    if query.is_plain() {
        return plain_totals(conn);
    }
    let totals: CountedTotals = diesel::sql_query(
        "WITH matching AS (
             SELECT id FROM groups
             WHERE (deleted_at IS NOT NULL) = $1
               AND search LIKE '%' || $2 || '%'
               AND ($3 IS NULL OR status = $3)
               AND ($4 IS NULL OR type = $4)
         )
         SELECT (SELECT count(*) FROM matching) AS groups,
                (SELECT count(DISTINCT customer_id) FROM memberships WHERE group_id IN (SELECT id FROM matching)) AS customers",
    )
    .bind::<Bool, _>(query.deleted)
    .bind::<Text, _>(escape_like(&query.text.to_lowercase()))
    .bind::<Nullable<Text>, _>(query.status.map(Status::name))
    .bind::<Nullable<Text>, _>(query.kind.map(GroupType::name))
    .get_result(conn)?;
    Ok(Totals { groups: totals.groups, customers: totals.customers })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_wanted() {
        let params: Params =
            serde_urlencoded::from_str("q=gold+%26&status=active&type=hybrid&sort=-customers").unwrap();
        let wanted = Wanted::from(params);
        assert_eq!(
            wanted,
            Wanted {
                text: "gold &".into(),
                status: Some(Status::Active),
                kind: Some(GroupType::Hybrid),
                sort: Sort::Customers,
                descending: true,
                ..Wanted::default()
            }
        );
        assert!(!wanted.is_plain() && Wanted::default().is_plain());
    }

    #[test]
    fn nonsense_in_an_address_is_ignored() {
        let params: Params =
            serde_urlencoded::from_str("q=%00+a+&status=huge&type=x&sort=-;drop&after=AAAA&deleted=yes&else=1")
                .unwrap();
        assert_eq!(Wanted::from(params), Wanted { text: "a".into(), ..Wanted::default() });
    }

    #[test]
    fn a_cursor_survives_the_address() {
        let cursor = Cursor { key: "45".into(), name: "vip \"x\" ä".into(), id: Uuid::now_v7() };
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        assert_eq!(Cursor::decode("x"), None);
        assert_eq!(Cursor::decode(""), None);
    }
}
