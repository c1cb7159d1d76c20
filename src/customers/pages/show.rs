//! A customer's overview: its fields, its groups with those that count and why, what follows, and what it bought.

use super::follows::{self, Line};
use super::{Tab, parse_id, tabs};
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::customers::country;
use crate::customers::customer::Status;
use crate::customers::store::memberships::{self, Exclusion};
use crate::customers::store::purchases::{self, Lifetime, Month};
use crate::customers::store::{self, Customer};
use crate::db::Db;
use crate::error::Result;
use crate::inheritance::counting::{Counting, Group, Membership, Standing, State, which_groups_count};
use crate::inheritance::store::counting::standing;
use crate::inheritance::store::live::LiveSettings;
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{NOTHING, filters, long_day};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use diesel::PgConnection;
use uuid::Uuid;

/// Months that the table shows.
const MONTHS: u32 = 12;

#[derive(Template)]
#[template(path = "customers/show.html")]
struct ShowPage {
    shell: Shell,
    tabs: Vec<Tab>,
    customer: Customer,
    store: StoreSettings,
    organization: Option<(Uuid, String)>,
    counting: Counting,
    groups: Vec<GroupRow>,
    follows: Vec<Line>,
    exclusions: Vec<Exclusion>,
    purchases: Lifetime,
    this_year: i64,
    year: i32,
    /// The newest first, also those in which nothing was bought.
    months: Vec<Month>,
    /// Orders in other currencies than the store's.
    others: i64,
    may_edit: bool,
}

/// A group of the customer: its own, or its organization's.
struct GroupRow {
    id: Uuid,
    code: String,
    name: String,
    deleted: bool,
    is_primary: bool,
    /// How it came about.
    how: &'static str,
    /// Since when; an organization's group says nothing about that.
    since: Option<DateTime<Utc>>,
    counts: bool,
    why: String,
}

/// The organization's group first, then the customer's own as they decide.
fn group_rows(standing: &Standing, counting: &Counting) -> Vec<GroupRow> {
    let row = |group: &Group, membership: Option<&Membership>| {
        let counted = counting.groups.iter().find(|known| known.id == group.id);
        let left_out = counting.left_out.iter().find(|known| known.id == group.id);
        let why = counted.map(|known| known.reason.sentence()).or(left_out.map(|known| known.cause.sentence()));
        GroupRow {
            id: group.id,
            code: group.code.clone(),
            name: group.name.clone(),
            deleted: group.state == State::Deleted,
            is_primary: membership.is_some_and(|membership| membership.is_primary),
            how: membership.map_or("Through the organization", |membership| membership.assignment.label()),
            since: membership.map(|membership| membership.since),
            counts: counted.is_some(),
            why: why.unwrap_or_default(),
        }
    };
    let of_organization = standing.organization.as_ref().and_then(|organization| organization.group.as_ref());
    let of_organization = of_organization.map(|group| row(group, None));
    let own = standing.memberships.iter().map(|membership| row(&membership.group, Some(membership)));
    of_organization.into_iter().chain(own).collect()
}

impl ShowPage {
    fn country(&self) -> Option<String> {
        self.customer.country.as_deref().map(country::name_of)
    }

    fn money(&self, minor: &i64) -> String {
        self.store.currency.format_whole(*minor)
    }

    /// Net per order; nothing without orders.
    fn average(&self) -> String {
        let net = self.purchases.net.checked_div(self.purchases.orders);
        net.map_or_else(|| NOTHING.to_owned(), |net| self.store.currency.format_whole(net))
    }

    fn last_order(&self) -> String {
        self.purchases.last_order_on.map_or_else(|| "Never".to_owned(), long_day)
    }
}

fn load(
    conn: &mut PgConnection,
    live: &LiveSettings,
    id: Uuid,
    shell: Shell,
    may_edit: bool,
    now: DateTime<Utc>,
) -> Result<ShowPage> {
    let book = live.now(conn)?;
    let customer = store::one(conn, id)?;
    let store = store_settings::load(conn)?;
    let mut standing = standing(conn, id)?;
    standing.memberships.sort_by(|a, b| {
        let key = |m: &Membership| (std::cmp::Reverse(m.is_primary), m.since);
        key(a).cmp(&key(b)).then_with(|| a.group.name.cmp(&b.group.name))
    });
    let counting = which_groups_count(&standing);
    let follows = follows::lines(&book, &counting, store.currency);
    let today = store_day(now, store.time_zone);
    let (first, new_year) = (first_month(today), NaiveDate::from_ymd_opt(today.year(), 1, 1).unwrap_or(today));
    let bought = purchases::months(conn, id, first.min(new_year))?;
    let lifetime = purchases::lifetimes(conn, &[id])?.remove(&id).unwrap_or_default();
    let others = purchases::in_other_currencies(conn, id)?;
    let exclusions = memberships::exclusions(conn, id)?;
    Ok(ShowPage {
        shell,
        may_edit,
        tabs: tabs(&customer, "Overview"),
        this_year: bought.iter().filter(|month| month.month.year() == today.year()).map(|month| month.net).sum(),
        year: today.year(),
        months: all_months(first, &bought),
        purchases: lifetime,
        groups: group_rows(&standing, &counting),
        organization: standing.organization.map(|organization| (organization.id, organization.name)),
        customer,
        store,
        counting,
        follows,
        exclusions,
        others,
    })
}

/// The first of the months that the table shows.
fn first_month(today: NaiveDate) -> NaiveDate {
    let this = today.with_day(1).unwrap_or(today);
    this.checked_sub_months(Months::new(MONTHS - 1)).unwrap_or(this)
}

/// All months of the table, those without purchases as zeros, the newest first.
fn all_months(first: NaiveDate, bought: &[Month]) -> Vec<Month> {
    let months = (0..MONTHS).rev().filter_map(|n| first.checked_add_months(Months::new(n)));
    let found = |month| bought.iter().find(|known| known.month == month).copied();
    months.map(|month| found(month).unwrap_or(Month { month, net: 0, orders: 0 })).collect()
}

/// `GET /customers/{id}`.
pub async fn show(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let (may_edit, now) = (actor.may(Permission::EditCustomers), clock.now());
    let page = db.read(move |conn| load(conn, &live, id, shell, may_edit, now)).await?;
    Ok(respond::page(&page)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_twelve_months_that_end_today() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let first = first_month(day("2024-02-29"));
        let bought = [Month { month: day("2024-01-01"), net: 500, orders: 2 }];
        let months = all_months(first, &bought);
        assert_eq!((months.len(), months[0].month, months[11].month), (12, day("2024-02-01"), day("2023-03-01")));
        assert_eq!((months[0].net, months[1]), (0, bought[0]));
    }
}
