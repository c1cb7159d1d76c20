//! An organization's page: its place, its group, its customers.

use super::parse_id;
use crate::auth::role::{Actor, Permission};
use crate::customers::customer::Status;
use crate::customers::listing::{self, Key};
use crate::customers::store::list as customer_list;
use crate::customers::store::purchases::{self, Lifetime};
use crate::customers::store::{self as customers, Customer};
use crate::db::Db;
use crate::db::keyset::{Page, Place};
use crate::error::Result;
use crate::groups::group::Status as GroupStatus;
use crate::groups::store as groups;
use crate::organizations::store::{self, Organization};
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::htmx::Hx;
use crate::web::query::{Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// Customers on a page.
const CUSTOMERS: usize = 25;
/// Branches that are named.
const BRANCHES: usize = 20;

#[derive(Template)]
#[template(path = "organizations/show.html", blocks = ["customers", "total"])]
struct ShowPage {
    shell: Shell,
    organization: Organization,
    store: StoreSettings,
    parent: Option<(Uuid, String)>,
    /// The first of them, one more than is named where there are more.
    branches: Vec<(Uuid, String)>,
    group: Option<GroupOf>,
    customers: Vec<CustomerRow>,
    pager: Pager,
    /// How many customers; `None`: they are counted after the page.
    total: Option<i64>,
    may_edit: bool,
}

/// The organization's group.
struct GroupOf {
    id: Uuid,
    name: String,
    deleted: bool,
    inactive: bool,
}

/// A row of the customers' table.
struct CustomerRow {
    customer: Customer,
    purchases: Lifetime,
}

struct Loaded {
    organization: Organization,
    store: StoreSettings,
    parent: Option<(Uuid, String)>,
    branches: Vec<(Uuid, String)>,
    group: Option<GroupOf>,
    keys: Page<Key>,
    customers: Vec<Customer>,
    purchases: HashMap<Uuid, Lifetime>,
    total: Option<i64>,
}

fn load(conn: &mut PgConnection, id: Uuid, place: Place<Key>, counting: bool) -> Result<Loaded> {
    let organization = store::one(conn, id)?;
    let store = store_settings::load(conn)?;
    let parent = organization.parent_id.map(|id| store::any(conn, id)).transpose()?.flatten();
    let group = organization.group_id.map(|id| groups::any(conn, id)).transpose()?.flatten();
    let wanted = listing::Wanted { organization: Some(id), place, ..listing::Wanted::default() };
    let keys = customer_list::page(conn, &wanted, store.currency, CUSTOMERS)?;
    let ids: Vec<Uuid> = keys.rows.iter().map(|row| row.id).collect();
    Ok(Loaded {
        parent: parent.map(|parent| (parent.id, parent.name)),
        branches: store::children(conn, id, i64::try_from(BRANCHES).unwrap_or(i64::MAX) + 1)?,
        group: group.map(|group| GroupOf {
            deleted: group.deleted_at.is_some(),
            inactive: group.status() == GroupStatus::Inactive,
            id: group.id,
            name: group.name,
        }),
        customers: customers::by_ids(conn, &ids)?,
        purchases: purchases::lifetimes(conn, &ids)?,
        total: counting.then(|| store::customers(conn, id)).transpose()?,
        keys,
        organization,
        store,
    })
}

/// `GET /organizations/{id}`: the page, its customers alone, or with `part=total` how many they are.
pub async fn show(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let query = Query::new(format!("/organizations/{id}"), request.query_string());
    let counting = query.get("part") == "total";
    // Its customers go by name, and every customer has one.
    let place = Place::of(query.get("after"), query.get("before"));
    let query = query.without("part");
    let place = if place.key().is_some_and(|key: &Key| key.key.is_none()) { Place::Start } else { place };
    let Loaded { organization, store, parent, branches, group, keys, customers, mut purchases, total } =
        db.read(move |conn| load(conn, id, place, counting)).await?;
    let summary =
        counted(i64::try_from(keys.rows.len()).unwrap_or_default(), "customer on this page", "customers on this page");
    let row =
        |customer: Customer| CustomerRow { purchases: purchases.remove(&customer.id).unwrap_or_default(), customer };
    let page = ShowPage {
        pager: Pager::of(&query, &keys, Clone::clone, summary),
        customers: customers.into_iter().map(row).collect(),
        may_edit: actor.may(Permission::EditCustomers),
        shell,
        organization,
        store,
        parent,
        branches,
        group,
        total,
    };
    Ok(match () {
        () if counting && hx.wants("total") => respond::page(&page.as_total())?,
        () if hx.wants("customers") => respond::page(&page.as_customers())?,
        () => respond::page(&page)?,
    })
}
