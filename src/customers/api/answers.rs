//! Customers as the API gives them (SPEC 13).

use crate::customers::store::{self, Customer};
use crate::error::Result;
use crate::groups::group::Assignment;
use crate::inheritance::counting::{Standing, which_groups_count};
use crate::inheritance::store::counting::standings;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::PgConnection;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A customer as the API gives it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Customer)]
pub(super) struct CustomerBody {
    pub(super) id: Uuid,
    code: String,
    name: String,
    email: Option<String>,
    status: &'static str,
    country: Option<String>,
    region: Option<String>,
    customer_since: Option<NaiveDate>,
    payment_history: Option<&'static str>,
    organization_id: Option<Uuid>,
    /// The names of all its groups.
    customer_groups: Vec<String>,
    /// The name of the primary one.
    primary_group: Option<String>,
    effective_customer_groups: Vec<EffectiveGroup>,
    /// With `include=customerGroups`.
    #[serde(skip_serializing_if = "Option::is_none")]
    memberships: Option<Vec<MembershipBody>>,
    tags: Vec<String>,
    metadata: Value,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    pub(super) version: i32,
}

/// A group that counts, and why.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EffectiveCustomerGroup)]
struct EffectiveGroup {
    code: String,
    reason: String,
}

/// A membership of a customer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Membership)]
struct MembershipBody {
    id: Uuid,
    code: String,
    name: String,
    since: DateTime<Utc>,
    assignment: &'static str,
    is_primary: bool,
}

/// Bodies of customers, in the given order, with a few queries for all of them.
pub(super) fn bodies(
    conn: &mut PgConnection,
    customers: Vec<Customer>,
    with_groups: bool,
) -> Result<Vec<CustomerBody>> {
    let ids: Vec<Uuid> = customers.iter().map(|customer| customer.id).collect();
    let mut standings = standings(conn, &ids)?;
    let body = |customer: Customer| {
        let standing = standings.remove(&customer.id).unwrap_or_default();
        body(customer, standing, with_groups)
    };
    Ok(customers.into_iter().map(body).collect())
}

fn body(customer: Customer, mut standing: Standing, with_groups: bool) -> CustomerBody {
    let counting = which_groups_count(&standing);
    standing.memberships.sort_by_key(|membership| membership.group.name.to_lowercase());
    let effective = counting.groups.into_iter();
    let memberships = &standing.memberships;
    let primary = memberships.iter().find(|membership| membership.is_primary);
    CustomerBody {
        status: customer.status().name(),
        payment_history: customer.payment_history().map(|rating| rating.name()),
        tags: customer.tags(),
        customer_groups: memberships.iter().map(|membership| membership.group.name.clone()).collect(),
        primary_group: primary.map(|membership| membership.group.name.clone()),
        effective_customer_groups: effective
            .map(|group| EffectiveGroup { reason: group.reason.sentence(), code: group.code })
            .collect(),
        memberships: with_groups.then(|| {
            let body = |membership: &crate::inheritance::counting::Membership| MembershipBody {
                id: membership.group.id,
                code: membership.group.code.clone(),
                name: membership.group.name.clone(),
                since: membership.since,
                assignment: Assignment::name(membership.assignment),
                is_primary: membership.is_primary,
            };
            memberships.iter().map(body).collect()
        }),
        id: customer.id,
        code: customer.code,
        name: customer.name,
        email: customer.email,
        country: customer.country,
        region: customer.region,
        customer_since: customer.customer_since,
        organization_id: customer.organization_id,
        metadata: customer.metadata,
        created_at: customer.created_at,
        updated_at: customer.updated_at,
        version: customer.version,
    }
}

/// The body of one customer.
pub(super) fn body_of(conn: &mut PgConnection, customer: Customer, with_groups: bool) -> Result<CustomerBody> {
    bodies(conn, vec![customer], with_groups)?.pop().ok_or_else(store::gone)
}
