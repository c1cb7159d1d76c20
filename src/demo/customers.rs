//! The 1,200 customers: who they are, since when, how they pay, and how much they will buy.

use super::calendar::{Calendar, Trade};
use super::chance::{Chance, Part};
use super::groups::Key;
use super::habits::{self, Habit};
use super::names::{self, NameKind, Names};
use super::organizations::{self, Organization};
use super::places::Place;
use super::roster::{Role, Seat, roles};
use super::stays::{self, Stay};
use super::traits;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

/// A customer and what it is going to do.
#[derive(Debug)]
pub struct Customer {
    /// Its id.
    pub id: Uuid,
    /// `C-0001`, by age of the account.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its address.
    pub email: String,
    /// `active`, `inactive` or `blocked`.
    pub status: &'static str,
    /// Where it is.
    pub place: Place,
    /// Customer since.
    pub since: NaiveDate,
    /// When its account was made.
    pub created_at: DateTime<Utc>,
    /// How it pays, where that is known.
    pub payment_history: Option<&'static str>,
    /// Its organization, by its place in the row.
    pub organization: Option<usize>,
    /// Tags.
    pub tags: Vec<&'static str>,
    /// Metadata: an object.
    pub metadata: Value,
    /// What it is in the shop.
    pub role: Role,
    /// When it joined and left groups.
    pub stays: Vec<Stay>,
    /// Consumer or business.
    pub trade: Trade,
    /// The days between which it buys.
    pub buys: (NaiveDate, NaiveDate),
    /// How many orders it places.
    pub orders: usize,
    /// Cents that its orders come to, about.
    pub spend: i64,
    /// Whether it orders in euros as well.
    pub euro: bool,
}

/// How much more or less often than usual a customer buys, in permille: most a little less, a few far more.
const OFTEN: [i64; 11] = [220, 380, 520, 670, 820, 960, 1_120, 1_320, 1_650, 2_250, 3_900];
/// How much larger or smaller than usual its orders are, in permille.
const LARGE: [i64; 11] = [560, 660, 745, 825, 905, 990, 1_080, 1_190, 1_340, 1_600, 2_500];
/// What VIP customers by rule spend in three years, in cents: always clear of the rule's 50,000.00.
const VIP_SPEND: [i64; 11] = [
    6_900_000, 7_300_000, 7_800_000, 8_300_000, 8_800_000, 9_300_000, 9_800_000, 10_300_000, 10_800_000, 11_200_000,
    11_700_000,
];
/// From here on (cents), the others' purchases grow ever more slowly; nobody but the key accounts passes the second.
const LARGE_ACCOUNT: i64 = 3_600_000;
const MOST: i64 = 11_400_000;
/// From here on (cents) a customer who always pays in time would be a VIP customer.
const NEAR_VIP: i64 = 4_300_000;

/// All customers, the oldest accounts first. Together they place `orders` orders.
pub fn customers(
    calendar: &Calendar,
    organizations: &[Organization],
    names: &mut Names,
    orders: usize,
) -> Vec<Customer> {
    let mut drafts: Vec<Draft> =
        roles().into_iter().enumerate().map(|(n, role)| Draft::new(n, role, calendar, organizations, names)).collect();
    drafts.sort_by_key(|draft| draft.since);
    let counts = share_out(orders, &drafts);
    drafts.into_iter().zip(counts).enumerate().map(|(n, (draft, orders))| draft.finish(n, orders, calendar)).collect()
}

/// A customer before it is known how many orders are its share.
struct Draft {
    chance: Chance,
    role: Role,
    habit: Habit,
    place: Place,
    name: String,
    organization: Option<usize>,
    since: NaiveDate,
    buys: (NaiveDate, NaiveDate),
    weight: i64,
}

impl Draft {
    fn new(n: usize, role: Role, calendar: &Calendar, organizations: &[Organization], names: &mut Names) -> Self {
        let mut chance = Chance::of(Part::Customers, n);
        let habit = habits::of(role.home, role.young);
        let mut place = role.character.map_or_else(|| Place::somewhere(&mut chance), |one| one.place);
        let mut organization = None;
        if role.character.is_none() && role.seat.is_none() && chance.percent(habit.organized) {
            let may_have_group = matches!(role.home, None | Some(Key::Wholesale | Key::Silver));
            organization = organizations::of_branch(&mut chance, organizations, may_have_group);
        }
        let name = match (role.character, organization.map(|one| &organizations[one])) {
            (Some(one), _) => one.name.to_owned(),
            (None, Some(one)) => {
                place = one.place.neighbour(&mut chance);
                names.branch(one.stem, place.city)
            }
            (None, None) => names.give(&mut chance, habit.names, place),
        };
        let since = match role.character {
            Some(one) => one.since.day(calendar),
            // The VIP rule wants more than twelve months, and purchases to match.
            None if role.platinum => calendar.days_ago(chance.between(640, 900)),
            None => calendar.days_ago(chance.quantile(habit.ages)),
        };
        let buys = Self::buying_days(&mut chance, calendar, &role, &habit, since);
        let days = (buys.1 - buys.0).num_days() + 1;
        let often = if role.seat.is_some() { chance.between(850, 1_150) } else { chance.quantile(&OFTEN) };
        let weight = habit.per_year * days * often;
        Self { chance, role, habit, place, name, organization, since, buys, weight }
    }

    /// From the first day to the last: some leave every month, fewer of those who buy more.
    fn buying_days(
        chance: &mut Chance,
        calendar: &Calendar,
        role: &Role,
        habit: &Habit,
        since: NaiveDate,
    ) -> (NaiveDate, NaiveDate) {
        let first = since.max(calendar.first);
        if let Some(one) = role.character {
            return (first, one.until.day(calendar));
        }
        if role.seat.is_some() {
            // Key accounts stay; one in eight has gone quiet lately.
            let quiet = if chance.percent(12) { chance.between(70, 330) } else { 0 };
            return (first, calendar.days_ago(quiet));
        }
        let mut last = first;
        while last < calendar.today {
            last += TimeDelta::days(30);
            if chance.permille(habit.leave) {
                break;
            }
        }
        (first, last.min(calendar.today))
    }

    fn finish(mut self, n: usize, orders: usize, calendar: &Calendar) -> Customer {
        let chance = &mut self.chance;
        let role = self.role;
        let spend = match (role.character, role.seat) {
            (Some(one), _) => one.spend,
            (None, Some(Seat::Hand)) => chance.between(3_600_000, 4_700_000),
            (None, Some(_)) => chance.quantile(&VIP_SPEND),
            (None, None) => tempered(self.habit.order * orders as i64 * chance.quantile(&LARGE) / 1_000),
        };
        let payment_history = match role.character {
            Some(one) => one.payment_history,
            None => pays(chance, role.seat, spend, self.habit.trade),
        };
        let quiet = (calendar.today - self.buys.1).num_days();
        let steady = role.character.is_some() || role.seat.is_some() || role.young;
        let status = match payment_history {
            _ if steady => "active",
            Some("poor") if quiet > 40 && chance.percent(60) => "blocked",
            _ if quiet > 400 && chance.percent(22) => "inactive",
            _ => "active",
        };
        let created_at = Calendar::midnight(self.since) + TimeDelta::minutes(chance.between(0, 1_439));
        let created_at = created_at.min(calendar.now);
        let euro = role.home == Some(Key::Wholesale) && role.seat.is_none() && self.place.pays_in_euro();
        let email = match role.character {
            Some(one) => one.email.to_owned(),
            None => names::email(chance, self.habit.names, &self.name),
        };
        let stays = stays::planned(chance, calendar, &role, self.since);
        let channel = if role.character.is_some() { "sales team" } else { self.habit.channel };
        let company = role.character.is_some() || self.habit.names != NameKind::Person;
        Customer {
            id: chance.id(created_at),
            code: format!("C-{:04}", n + 1),
            email,
            status,
            payment_history,
            tags: traits::tags(chance, &role, company, self.place),
            metadata: traits::metadata(chance, &role, company, channel),
            stays,
            trade: if company { Trade::Business } else { self.habit.trade },
            name: self.name,
            place: self.place,
            since: self.since,
            created_at,
            organization: self.organization,
            role,
            buys: self.buys,
            orders,
            spend,
            euro,
        }
    }
}

/// Spending without a few customers that are as large as all others together.
fn tempered(spend: i64) -> i64 {
    let above = (spend - LARGE_ACCOUNT).max(0);
    (spend.min(LARGE_ACCOUNT) + above * 2 / 5).min(MOST)
}

/// How a customer pays. Who spends as much as a VIP customer and isn't one doesn't always pay in time.
fn pays(chance: &mut Chance, seat: Option<Seat>, spend: i64, trade: Trade) -> Option<&'static str> {
    let odds: &[(Option<&str>, i64)] = match (seat, trade) {
        (Some(Seat::Rule | Seat::RuleAndHand), _) => return Some("excellent"),
        (Some(Seat::Hand), _) => return Some("good"),
        (None, _) if spend > NEAR_VIP => &[(Some("good"), 60), (Some("fair"), 28), (Some("poor"), 3), (None, 9)],
        (None, Trade::Business) => {
            &[(Some("excellent"), 38), (Some("good"), 34), (Some("fair"), 14), (Some("poor"), 4), (None, 10)]
        }
        (None, Trade::Consumer) => {
            &[(Some("excellent"), 30), (Some("good"), 26), (Some("fair"), 8), (Some("poor"), 3), (None, 33)]
        }
    };
    *chance.weighted(odds)
}

/// Shares out the orders: the named customers have theirs, the others get parts by weight that add up exactly.
fn share_out(orders: usize, drafts: &[Draft]) -> Vec<usize> {
    let fixed = |draft: &Draft| draft.role.character.map(|one| one.orders as usize);
    let left = orders.saturating_sub(drafts.iter().filter_map(fixed).sum()) as i128;
    let total: i128 = drafts.iter().filter(|d| fixed(d).is_none()).map(|d| i128::from(d.weight)).sum();
    let mut passed = 0;
    drafts
        .iter()
        .map(|draft| {
            fixed(draft).unwrap_or_else(|| {
                let before = passed * left / total.max(1);
                passed += i128::from(draft.weight);
                (passed * left / total.max(1) - before) as usize
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::organizations::organizations;
    use super::*;
    use chrono::{Days, Months};
    use std::collections::HashSet;

    fn all(now: &str) -> (Calendar, Vec<Customer>) {
        let calendar = Calendar::ending(DateTime::parse_from_rfc3339(now).unwrap().to_utc());
        let mut names = Names::default();
        let organizations = organizations(&calendar, &mut names);
        let customers = customers(&calendar, &organizations, &mut names, 29_250);
        (calendar, customers)
    }

    #[test]
    fn everybody_has_a_name_and_a_code_of_their_own_and_all_orders_are_shared_out() {
        let (calendar, customers) = all("2026-11-22T08:00:00Z");
        assert_eq!(customers.len(), 1_200);
        assert_eq!(customers.iter().map(|c| &c.name).collect::<HashSet<_>>().len(), 1_200);
        assert_eq!(customers.iter().map(|c| &c.code).collect::<HashSet<_>>().len(), 1_200);
        assert_eq!(customers.iter().map(|c| c.orders).sum::<usize>(), 29_250);
        assert!(customers.iter().all(|c| c.since <= c.buys.0 && c.buys.0 <= c.buys.1 && c.buys.1 <= calendar.today));
        assert!(customers.iter().all(|c| c.email.ends_with(".example") && c.created_at <= calendar.now));
    }

    /// Rules count whole months; accounts keep away from the six-month border, where a day decides.
    #[test]
    fn accounts_are_clearly_young_or_clearly_not() {
        for now in ["2026-11-22T08:00:00Z", "2026-08-31T08:00:00Z", "2028-02-29T08:00:00Z"] {
            let (calendar, customers) = all(now);
            let young = |c: &Customer| c.since > calendar.today - Months::new(6) - Days::new(5);
            let border = calendar.today - Months::new(6);
            assert!(customers.iter().all(|c| (c.since - border).num_days().abs() > 5), "{now}");
            assert_eq!(customers.iter().filter(|c| young(c)).count(), 78, "{now}");
            assert!(customers.iter().all(|c| young(c) == c.role.young && (!young(c) || c.status == "active")));
        }
    }
}
