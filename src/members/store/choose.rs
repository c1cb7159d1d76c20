//! From a selection and what shall become of it to wishes.

use super::candidates;
use super::list::{self, Measure};
use super::plan::wish_all;
use crate::db::composed::{Composed, sql};
use crate::error::Result;
use crate::members::selection::Selection;
use diesel::pg::PgConnection;
use diesel::sql_query;
use diesel::sql_types::{Array, Bool, Nullable, Uuid as SqlUuid};
use uuid::Uuid;

/// What is wished for each customer of a selection.
#[derive(Clone, Copy, Debug)]
pub struct Each {
    /// The group.
    pub group: Uuid,
    /// Whether it shall be a membership by hand.
    pub by_hand: bool,
    /// Whether it shall be one by rule; `None` = as it is.
    pub by_rule: Option<bool>,
    /// Whether the group becomes the primary one.
    pub as_primary: bool,
    /// Whether rule runs keep the customer out.
    pub exclude: bool,
}

/// Where "all that match" are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Among {
    /// All customers.
    Customers,
    /// The members of the group.
    Members,
}

/// Wishes for each customer of a selection, in its order or, of all that match, by code; each is a bundle of its own.
pub fn each(
    conn: &mut PgConnection,
    selection: &Selection,
    among: Among,
    each: Each,
    measure: &Measure,
) -> Result<usize> {
    match selection {
        Selection::Ids(ids) => {
            let query =
                sql_query("SELECT s.place, $1, s.id, $2, $3, $4, $5 FROM unnest($6) WITH ORDINALITY s(id, place)")
                    .bind::<SqlUuid, _>(each.group)
                    .bind::<Bool, _>(each.by_hand)
                    .bind::<Nullable<Bool>, _>(each.by_rule)
                    .bind::<Bool, _>(each.as_primary)
                    .bind::<Bool, _>(each.exclude)
                    .bind::<Array<SqlUuid>, _>(ids);
            wish_all(conn, query)
        }
        Selection::Matching(filter, _) => {
            let ids = match among {
                Among::Customers => candidates::ids(filter, measure),
                Among::Members => list::ids(each.group, filter, measure),
            };
            let by_rule = match each.by_rule {
                None => sql("NULL::boolean"),
                Some(by_rule) => Composed::default().flag(by_rule),
            };
            let query = sql("SELECT row_number() OVER (), ")
                .id(each.group)
                .sql(", s.id, ")
                .flag(each.by_hand)
                .sql(", ")
                .then(by_rule)
                .sql(", ")
                .flag(each.as_primary)
                .sql(", ")
                .flag(each.exclude)
                .sql(" FROM (")
                .then(ids)
                .sql(") s");
            wish_all(conn, query)
        }
    }
}

/// Wishes that whoever is wished into a group leaves the other groups that it is in by hand. Automatic groups are left
/// to their next run.
pub fn leave_others(conn: &mut PgConnection, group: Uuid) -> Result<usize> {
    wish_all(
        conn,
        sql("SELECT w.bundle, m.group_id, m.customer_id, false, NULL::boolean, false, false
             FROM membership_wishes w
             JOIN memberships m ON m.customer_id = w.customer_id AND m.by_hand AND m.group_id <> w.group_id
             JOIN groups g ON g.id = m.group_id AND g.deleted_at IS NULL AND g.type <> 'automatic'
             WHERE w.group_id = ")
        .id(group),
    )
}

/// Wishes that whoever is wished out of a group joins another one by hand.
pub fn join_instead(conn: &mut PgConnection, left: Uuid, joined: Uuid) -> Result<usize> {
    wish_all(
        conn,
        sql("SELECT w.bundle, ")
            .id(joined)
            .sql(", w.customer_id, true, NULL::boolean, false, false FROM membership_wishes w WHERE w.group_id = ")
            .id(left),
    )
}
