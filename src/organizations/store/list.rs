//! The organization list in the database: pages by key, totals.

use crate::db::functions::lower;
use crate::db::keyset::{Page, one_more};
use crate::error::Result;
use crate::groups::store::naming::escape_like;
use crate::organizations::listing::{Key, Sort, Wanted};
use crate::schema::{groups, organizations};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use std::collections::HashMap;
use uuid::Uuid;

/// A row of the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Id.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// The name of the one above.
    pub parent: Option<String>,
    /// The group that decides for its customers: id, name, and whether it is live and active.
    pub group: Option<(Uuid, String, bool)>,
    /// How many customers it has, at most [`MOST_COUNTED`].
    pub customers: i64,
    key: Key,
}

impl Row {
    /// What the row is sorted by.
    pub fn key(&self) -> Key {
        self.key.clone()
    }
}

/// A list counts an organization's customers up to here; its own page says how many there are beyond.
pub const MOST_COUNTED: i64 = 1_000;

/// Id, code, name, lower-cased name, parent, group.
type FoundRow = (Uuid, String, String, String, Option<Uuid>, Option<Uuid>);

type Boxed = organizations::BoxedQuery<'static, Pg>;

fn filtered(wanted: &Wanted) -> Boxed {
    let mut rows = organizations::table.into_boxed();
    if !wanted.text.is_empty() {
        rows = rows.filter(organizations::search.like(format!("%{}%", escape_like(&wanted.text.to_lowercase()))));
    }
    rows = match wanted.has_group {
        Some(true) => rows.filter(organizations::group_id.is_not_null()),
        Some(false) => rows.filter(organizations::group_id.is_null()),
        None => rows,
    };
    if let Some(parent) = wanted.parent {
        rows = rows.filter(organizations::parent_id.eq(parent));
    }
    if let Some(group) = wanted.group {
        rows = rows.filter(organizations::group_id.eq(group));
    }
    rows
}

/// Rows after the key by (column, id). The condition before the AND lets an index begin at the right place.
macro_rules! sorted_by {
    ($rows:expr, $wanted:expr, $column:expr) => {{
        let descends = $wanted.descending != $wanted.place.is_backwards();
        let rows = match ($wanted.place.key().cloned(), descends) {
            (None, _) => $rows,
            (Some((key, id)), true) => {
                $rows.filter($column.le(key.clone())).filter($column.lt(key).or(organizations::id.lt(id)))
            }
            (Some((key, id)), false) => {
                $rows.filter($column.ge(key.clone())).filter($column.gt(key).or(organizations::id.gt(id)))
            }
        };
        if descends {
            rows.order(($column.desc(), organizations::id.desc()))
        } else {
            rows.order(($column.asc(), organizations::id.asc()))
        }
    }};
}

/// The page that is asked for, of at most `limit` rows.
pub fn page(conn: &mut PgConnection, wanted: &Wanted, limit: usize) -> Result<Page<Row>> {
    let rows = filtered(wanted);
    let rows = match wanted.sort {
        Sort::Name => sorted_by!(rows, wanted, lower(organizations::name)),
        Sort::Code => sorted_by!(rows, wanted, organizations::code),
    };
    let found: Vec<FoundRow> = rows
        .select((
            organizations::id,
            organizations::code,
            organizations::name,
            lower(organizations::name),
            organizations::parent_id,
            organizations::group_id,
        ))
        .limit(one_more(limit))
        .load(conn)?;
    let page = Page::of(found, &wanted.place, limit);
    let ids: Vec<Uuid> = page.rows.iter().map(|row| row.0).collect();
    let parents = names(conn, page.rows.iter().filter_map(|row| row.4).collect())?;
    let deciding = deciding_groups(conn, page.rows.iter().filter_map(|row| row.5).collect())?;
    let counts = counts(conn, &ids)?;
    let row = |(id, code, name, lower_name, parent, group): FoundRow| Row {
        key: (if wanted.sort == Sort::Name { lower_name } else { code.clone() }, id),
        parent: parent.and_then(|parent| parents.get(&parent).cloned()),
        group: group.and_then(|group| deciding.get(&group).cloned()),
        customers: counts.get(&id).copied().unwrap_or_default(),
        id,
        code,
        name,
    };
    Ok(Page { rows: page.rows.into_iter().map(row).collect(), before: page.before, after: page.after })
}

fn names(conn: &mut PgConnection, ids: Vec<Uuid>) -> Result<HashMap<Uuid, String>> {
    let rows = organizations::table.filter(organizations::id.eq_any(ids));
    let rows: Vec<(Uuid, String)> = rows.select((organizations::id, organizations::name)).load(conn)?;
    Ok(rows.into_iter().collect())
}

fn deciding_groups(conn: &mut PgConnection, ids: Vec<Uuid>) -> Result<HashMap<Uuid, (Uuid, String, bool)>> {
    let rows: Vec<(Uuid, String, String, bool)> = groups::table
        .filter(groups::id.eq_any(ids))
        .select((groups::id, groups::name, groups::status, groups::deleted_at.is_null()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, name, status, live)| (id, (id, name, live && status == "active"))).collect())
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    customers: i64,
}

/// How many customers each has, counted no further than one beyond [`MOST_COUNTED`].
fn counts(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let rows: Vec<Count> = diesel::sql_query(
        "SELECT o.id, n.customers
         FROM unnest($1) o(id)
         CROSS JOIN LATERAL (
             SELECT count(*) AS customers
             FROM (SELECT FROM customers c WHERE c.organization_id = o.id LIMIT $2) f
         ) n",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<BigInt, _>(MOST_COUNTED + 1)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row.customers)).collect())
}

/// How many organizations match: counted, and therefore loaded after the page.
pub fn total(conn: &mut PgConnection, wanted: &Wanted) -> Result<i64> {
    Ok(filtered(wanted).count().get_result(conn)?)
}
