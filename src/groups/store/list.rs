//! The group list in the database: pages by key, revenue, totals.

use super::naming::escape_like;
use crate::db::functions::lower;
use crate::db::keyset::{Page, one_more};
use crate::db::statement::statement;
use crate::error::Result;
use crate::groups::group::{GroupType, ROOT_ID, Status};
use crate::groups::listing::{Cursor, Sort, Wanted};
use crate::schema::{groups, store_days, store_totals};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use std::collections::HashMap;
use uuid::Uuid;

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

    /// The row's key in a list sorted by `sort`.
    pub fn cursor(&self, sort: Sort) -> Cursor {
        let key = match sort {
            Sort::Name => String::new(),
            Sort::Customers => self.member_count.to_string(),
            Sort::Status => self.status.clone(),
            Sort::Type => self.type_.clone(),
        };
        Cursor { key, name: self.lower_name.clone(), id: self.id }
    }
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

fn direction(wanted: &Wanted) -> Direction {
    let backwards = wanted.place.is_backwards();
    // Names are their own tie-breaker: with them everything turns; otherwise ties go by rising names.
    let ties = wanted.sort == Sort::Name && wanted.descending;
    Direction { column_descends: wanted.descending != backwards, ties_descend: ties != backwards }
}

/// Rows of the same key that come after the cursor: by name, then by id. The condition before the AND lets an index
/// begin at the right place; an OR alone would read all rows before it.
fn later_tie(cursor: &Cursor, descend: bool) -> Condition {
    let (name, id) = (cursor.name.clone(), cursor.id);
    let lower_name = || lower(groups::name);
    if descend {
        Box::new(lower_name().le(name.clone()).and(lower_name().lt(name).or(groups::id.lt(id))))
    } else {
        Box::new(lower_name().ge(name.clone()).and(lower_name().gt(name).or(groups::id.gt(id))))
    }
}

/// Rows after the cursor by (column, name, id), in that order.
macro_rules! sorted_by {
    ($rows:expr, $wanted:expr, $column:expr, $key:expr) => {{
        let Direction { column_descends, ties_descend } = direction($wanted);
        let rows = match ($wanted.place.key(), $key) {
            (Some(cursor), Some(key)) => {
                let tie = later_tie(cursor, ties_descend);
                if column_descends {
                    $rows.filter($column.le(key.clone())).filter($column.lt(key).or(tie))
                } else {
                    $rows.filter($column.ge(key.clone())).filter($column.gt(key).or(tie))
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
    let key = wanted.place.key().map(|cursor| cursor.key.clone());
    match wanted.sort {
        Sort::Status => sorted_by!(rows, wanted, groups::status, key),
        Sort::Type => sorted_by!(rows, wanted, groups::type_, key),
        Sort::Customers => {
            let count = key.and_then(|key| key.parse::<i32>().ok());
            sorted_by!(rows, wanted, groups::member_count, count)
        }
        Sort::Name => {
            let descend = direction(wanted).ties_descend;
            let rows = match wanted.place.key() {
                Some(cursor) => rows.filter(later_tie(cursor, descend)),
                None => rows,
            };
            in_tie_order(rows, descend)
        }
    }
}

/// The page that is asked for, of at most `limit` rows.
pub fn page(conn: &mut PgConnection, wanted: &Wanted, limit: usize) -> Result<Page<Row>> {
    let rows = sorted(filtered(wanted), wanted).select(Row::as_select()).limit(one_more(limit)).load(conn)?;
    Ok(Page::of(rows, &wanted.place, limit))
}

/// Net revenue per group: lifetime net of the members' completed orders in the store's currency, minor units. All
/// Customers has the store's. It looks at every member, so callers ask for it only where that is little, or later.
pub fn revenue(conn: &mut PgConnection, groups: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let rows: Vec<Revenue> = statement(
        "SELECT m.group_id, sum(p.net)::bigint AS net
         FROM memberships m JOIN customer_purchases p ON p.customer_id = m.customer_id
         WHERE m.group_id = ANY (",
    )
    .bind::<Array<SqlUuid>, _>(groups)
    .sql(") GROUP BY m.group_id")
    .load(conn)?;
    let mut revenue: HashMap<Uuid, i64> = groups.iter().map(|group| (*group, 0)).collect();
    revenue.extend(rows.into_iter().map(|row| (row.group_id, row.net)));
    if let Some(everyone) = revenue.get_mut(&ROOT_ID) {
        let days: Vec<i64> = store_days::table.select(store_days::net).load(conn)?;
        *everyone = days.into_iter().sum();
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
    let groups = groups::table.filter(groups::deleted_at.is_null()).count().single_value().assume_not_null();
    let (groups, customers) = store_totals::table.select((groups, store_totals::grouped_customers)).get_result(conn)?;
    Ok(Totals { groups, customers })
}

/// How many customers there are: the members of All Customers.
pub fn all_customers(conn: &mut PgConnection) -> Result<i64> {
    Ok(store_totals::table.select(store_totals::customers).get_result(conn)?)
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
