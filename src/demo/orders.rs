//! Three years of orders: when each customer bought, what, at which price, and how it was paid.

use super::baskets::{Line, Shopper};
use super::calendar::Calendar;
use super::chance::{Chance, Part};
use super::charge::Tariff;
use super::customers::Customer;
use super::groups::{Group, Key};
use super::organizations::Organization;
use super::payments::{self, Standing};
use super::roster::Seat;
use super::stays;
use super::stock::{Range, Stock};
use super::wares::CATEGORIES;
use chrono::{DateTime, Months, Utc};
use uuid::Uuid;

/// An order with its lines. Amounts in minor units of its currency.
#[derive(Debug)]
pub struct Order {
    /// Its id.
    pub id: Uuid,
    /// `SO-100001`, or `CN-10001` for a credit note; given when all orders are known.
    pub number: String,
    /// The customer, by its place in the row.
    pub customer: usize,
    /// When it was placed.
    pub placed_at: DateTime<Utc>,
    /// `USD` or `EUR`.
    pub currency: &'static str,
    /// Status, due and paid.
    pub standing: Standing,
    /// Whether it only gives back.
    pub is_credit_note: bool,
    /// Its lines.
    pub lines: Vec<Line>,
}

impl Order {
    /// What was paid, what it would have been at list price, and what it cost.
    pub fn totals(&self) -> (i64, i64, i64) {
        self.lines.iter().fold((0, 0, 0), |(net, gross, cost), line| {
            let quantity = i64::from(line.quantity);
            (net + line.net(), gross + line.list_price * quantity, cost + line.unit_cost * quantity)
        })
    }

    /// Whether it counts as purchases of its customer.
    pub fn counts(&self) -> bool {
        self.standing.status == "completed" && self.currency == "USD"
    }
}

/// How much larger or smaller than the customer's usual an order is, in permille.
const ORDER_SIZES: [i64; 9] = [280, 480, 640, 790, 940, 1_090, 1_290, 1_650, 2_700];
/// What the VIP rule asks for, in cents, and whole months.
const VIP_PURCHASES: i64 = 5_000_000;
const VIP_MONTHS: u32 = 12;

/// The shop while its history is made.
#[derive(Debug)]
pub struct Counter<'a> {
    /// The days.
    pub calendar: &'a Calendar,
    /// What it sells.
    pub stock: &'a Stock<'a>,
    /// What it charges.
    pub tariff: &'a Tariff<'a>,
    /// Its groups.
    pub groups: &'a [Group],
    /// The buying companies.
    pub organizations: &'a [Organization],
}

impl Counter<'_> {
    /// Everything one customer ordered, in the order of time. Joining VIP Customers by rule happens on the way.
    pub fn serve(&self, place: usize, customer: &mut Customer) -> Vec<Order> {
        let mut chance = Chance::of(Part::Orders, place);
        let favourites: Vec<usize> = (0..4).map(|_| chance.index(CATEGORIES.len())).collect();
        let (first, last) = customer.buys;
        let mut instants: Vec<DateTime<Utc>> = (0..customer.orders)
            .map(|_| {
                let day = self.calendar.day(&mut chance, customer.trade, first, last);
                self.calendar.instant(&mut chance, customer.trade, day).max(customer.created_at)
            })
            .collect();
        instants.sort_unstable();
        let sizes: Vec<i64> = instants.iter().map(|_| chance.quantile(&ORDER_SIZES)).collect();
        let whole: i64 = sizes.iter().sum();
        let mut bought = 0;
        let mut orders: Vec<Order> = Vec::with_capacity(instants.len());
        for (placed_at, size) in instants.into_iter().zip(sizes) {
            let target = (customer.spend * size / whole.max(1)).max(900);
            let visit = Visit { place, placed_at, target, favourites: &favourites };
            let order = self.order(&mut chance, customer, &visit, orders.last());
            if order.counts() {
                bought += order.totals().0;
            }
            orders.push(order);
            self.run_vip_rule(&mut chance, customer, placed_at, bought);
        }
        orders
    }

    fn order(&self, chance: &mut Chance, customer: &Customer, visit: &Visit, before: Option<&Order>) -> Order {
        let Visit { place, placed_at, target, favourites } = *visit;
        let groups = self.groups_at(customer, placed_at);
        let in_euro = customer.euro && chance.percent(45);
        let (range, currency) = if in_euro { (Range::Euro, "EUR") } else { (Range::of(&groups, self.groups), "USD") };
        // Wholesale customers keep to the minimum order of 250.00.
        let target = if groups.first() == Some(&Key::Wholesale) { target.max(26_500) } else { target };
        let day = placed_at.date_naive();
        let shopper = Shopper { trade: customer.trade, groups: &groups, range, favourites, day };
        let mut lines = shopper.fill(chance, self.stock, self.tariff, target);
        if chance.permille(12) {
            lines.extend(before.filter(|order| order.currency == currency).and_then(|order| taken_back(order, &lines)));
        }
        let terms = payments::net_days(&groups, self.groups);
        let history = customer.payment_history;
        let standing = payments::standing(chance, self.calendar.now, placed_at, customer.trade, terms, history);
        Order {
            id: chance.id(placed_at),
            number: String::new(),
            customer: place,
            placed_at,
            currency,
            standing,
            is_credit_note: false,
            lines,
        }
    }

    /// The organization's group decides; otherwise the customer's own groups do, the longest-standing first.
    fn groups_at(&self, customer: &Customer, at: DateTime<Utc>) -> Vec<Key> {
        if let Some(group) = customer.organization.and_then(|place| self.organizations[place].group) {
            return vec![group];
        }
        let mut stays: Vec<_> = customer.stays.iter().filter(|stay| stay.holds_at(at)).collect();
        stays.sort_by_key(|stay| (!stay.as_primary, stay.from));
        stays.into_iter().map(|stay| stay.group).collect()
    }

    /// The rule matches from the day on which the purchases pass its amount, and the account is old enough.
    fn run_vip_rule(&self, chance: &mut Chance, customer: &mut Customer, placed_at: DateTime<Utc>, bought: i64) {
        let seated = customer.stays.iter().any(|stay| stay.group == Key::Vip && stay.left.is_none());
        if customer.role.seat == Some(Seat::Rule) && !seated && bought > VIP_PURCHASES {
            let day = placed_at.date_naive().max(customer.since + Months::new(VIP_MONTHS + 1));
            stays::promote(chance, self.calendar, &customer.role, day, &mut customer.stays);
        }
    }
}

/// A customer with something in mind.
struct Visit<'a> {
    /// The customer, by its place in the row.
    place: usize,
    placed_at: DateTime<Utc>,
    /// What it means to spend, in minor units.
    target: i64,
    /// The aisles it goes to first.
    favourites: &'a [usize],
}

/// One piece of the last order comes back with this one, where it is worth much less than what is bought.
fn taken_back(before: &Order, lines: &[Line]) -> Option<Line> {
    let bought: i64 = lines.iter().map(Line::net).sum();
    let line = before.lines.iter().find(|old| {
        old.quantity > 0 && old.unit_price * 3 < bought && lines.iter().all(|new| new.product != old.product)
    })?;
    Some(Line { quantity: -1, ..*line })
}
