//! Members of a group in its calls (SPEC 13): `include=customers`, `customerIds`, `customerIdsToRemove`.

use super::answers::GroupBody;
use crate::auth::role::Actor;
use crate::db::keyset::{self, Place};
use crate::error::{Error, FieldError, Result};
use crate::groups::group::ROOT_ID;
use crate::members::actions::{self, Asked, Done};
use crate::members::choice::{Afterwards, Mode};
use crate::members::listing::{Filter, Order, Sort};
use crate::members::refusal::{Cause, Refused};
use crate::members::selection::{MOST_IDS, Selection};
use crate::members::store::candidates::{self, Candidate};
use crate::members::store::list::{self, Measure};
use crate::store_settings::store as store_settings;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A group with what a call included or refused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CustomerGroupAnswer)]
pub(super) struct WithMembers {
    #[serde(flatten)]
    pub(super) group: GroupBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) customers: Option<CustomersBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refused: Option<Vec<RefusedBody>>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MemberPage)]
pub(super) struct CustomersBody {
    items: Vec<MemberBody>,
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Member)]
struct MemberBody {
    id: Uuid,
    code: String,
    name: String,
    /// `null` of All Customers, which nobody ever joined.
    since: Option<DateTime<Utc>>,
    /// `manual`, `rule` or `rule_manual`; `definition` of All Customers.
    assignment: &'static str,
    is_primary: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RefusedCustomer)]
pub(super) struct RefusedBody {
    customer_id: Uuid,
    /// Why, and the way out, as sentences.
    cause: String,
    /// The cause for programs: `full`, `blocked`, `excluded` …
    code: Cause,
}

impl From<Refused> for RefusedBody {
    fn from(refused: Refused) -> Self {
        let refusal = refused.refusal;
        let cause = format!("{} {}", refusal.sentence(), refusal.way_out());
        Self { customer_id: refused.customer_id, cause, code: refusal.cause }
    }
}

/// A page of a group's members, the longest-standing first; of All Customers every customer, by name.
pub(super) fn included(
    conn: &mut PgConnection,
    group: Uuid,
    cursor: &str,
    limit: usize,
    now: DateTime<Utc>,
) -> Result<CustomersBody> {
    let place = Place::of(cursor, "");
    if !cursor.is_empty() && place == Place::Start {
        return Err(Error::field("cursor", "Send the nextCursor of the page before, unchanged."));
    }
    let measure = measure(conn, now)?;
    if group == ROOT_ID {
        let order = Order { sort: Sort::Name, descending: false, place };
        let page = candidates::page(conn, group, &Filter::default(), &order, &measure, limit)?;
        let next_cursor = page.rows.last().filter(|_| page.after).map(|row| keyset::encode(&row.cursor()));
        let item = |row: Candidate| MemberBody {
            assignment: "definition",
            id: row.id,
            code: row.code,
            name: row.name,
            since: None,
            is_primary: false,
        };
        return Ok(CustomersBody { items: page.rows.into_iter().map(item).collect(), next_cursor });
    }
    let order = Order { sort: Sort::Since, descending: false, place };
    let page = list::page(conn, group, &Filter::default(), &order, &measure, limit)?;
    let next_cursor = page.rows.last().filter(|_| page.after).map(|row| keyset::encode(&row.cursor(Sort::Since)));
    let item = |row: list::Member| MemberBody {
        assignment: row.assignment().name(),
        id: row.customer_id,
        code: row.code,
        name: row.name,
        since: Some(row.since),
        is_primary: row.is_primary,
    };
    Ok(CustomersBody { items: page.rows.into_iter().map(item).collect(), next_cursor })
}

fn measure(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Measure> {
    let store = store_settings::load(conn)?;
    Ok(Measure::at(store.currency, store.time_zone, now))
}

/// Detaches customers from a group, then attaches others; who is refused why.
pub(super) fn change(
    conn: &mut PgConnection,
    actor: &Actor,
    group: Uuid,
    attach: &[Uuid],
    detach: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<RefusedBody>> {
    let measure = measure(conn, now)?;
    let asked = Asked { actor, reason: "", now, measure: &measure };
    let mut refused = Vec::new();
    check(attach, detach)?;
    if !detach.is_empty() {
        let selection = Selection::ids(detach.to_vec());
        let done = actions::remove(conn, &asked, group, &selection, Afterwards::Nothing);
        refused.extend(refused_of(done.map_err(|error| at("customerIdsToRemove", error))?));
    }
    if !attach.is_empty() {
        let done = actions::add(conn, &asked, group, &Selection::ids(attach.to_vec()), Mode::Only);
        refused.extend(refused_of(done.map_err(|error| at("customerIds", error))?));
    }
    Ok(refused)
}

fn check(attach: &[Uuid], detach: &[Uuid]) -> Result<()> {
    for (field, ids) in [("customerIds", attach), ("customerIdsToRemove", detach)] {
        if ids.len() > MOST_IDS {
            return Err(Error::field(field, "Send at most 10,000 customers at a time."));
        }
    }
    let attached: std::collections::HashSet<&Uuid> = attach.iter().collect();
    if detach.iter().any(|id| attached.contains(id)) {
        return Err(Error::field("customerIdsToRemove", "A customer can't be attached and removed in one call."));
    }
    Ok(())
}

/// A group that takes nobody by hand is the field's fault.
fn at(field: &str, error: Error) -> Error {
    match error {
        Error::Conflict(text) => Error::field(field, text),
        Error::Invalid(errors) => {
            Error::Invalid(errors.into_iter().map(|e| FieldError { field: field.into(), ..e }).collect())
        }
        other => other,
    }
}

fn refused_of(done: Done) -> Vec<RefusedBody> {
    match done {
        Done::Changed(_, outcome) => outcome.named.into_iter().map(RefusedBody::from).collect(),
        Done::SelectionChanged(_) => Vec::new(),
    }
}
