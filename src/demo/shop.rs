//! The whole shop in memory, before it is written.

use super::calendar::Calendar;
use super::catalogue::{self, Product};
use super::charge::Tariff;
use super::customers::{self, Customer};
use super::groups::{self, Group};
use super::names::Names;
use super::orders::{Counter, Order};
use super::organizations::{self, Organization};
use super::price_lists::{self, PriceList};
use super::returns;
use super::shelves::{self, VisibilityGroup};
use super::stock::Stock;
use chrono::{DateTime, Utc};

/// How many orders the shop has, credit notes included.
pub const ORDERS: usize = 30_000;
const CREDIT_NOTES: usize = 750;

/// Everything but memberships: these follow from the purchases.
#[derive(Debug)]
pub struct Shop {
    /// The three years.
    pub calendar: Calendar,
    /// Products.
    pub products: Vec<Product>,
    /// Visibility groups.
    pub visibility_groups: Vec<VisibilityGroup>,
    /// Price lists.
    pub price_lists: Vec<PriceList>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Organizations.
    pub organizations: Vec<Organization>,
    /// Customers.
    pub customers: Vec<Customer>,
    /// Orders, in the order of time.
    pub orders: Vec<Order>,
}

impl Shop {
    /// The shop as it is at `now`. The same instant always makes the same shop.
    pub fn at(now: DateTime<Utc>) -> Self {
        let calendar = Calendar::ending(now);
        let products = catalogue::products(&calendar);
        let groups = groups::groups(&calendar);
        let price_lists = price_lists::price_lists(&calendar, &products);
        let mut names = Names::default();
        for one in &super::cast::CAST {
            names.reserve(one.name);
        }
        let organizations = organizations::organizations(&calendar, &mut names);
        let mut customers = customers::customers(&calendar, &organizations, &mut names, ORDERS - CREDIT_NOTES);
        let orders = {
            let stock = Stock::of(&products, &price_lists);
            let tariff = Tariff::of(&products, &groups, &price_lists);
            let counter = Counter {
                calendar: &calendar,
                stock: &stock,
                tariff: &tariff,
                groups: &groups,
                organizations: &organizations,
            };
            let mut orders: Vec<Order> =
                customers.iter_mut().enumerate().flat_map(|(place, one)| counter.serve(place, one)).collect();
            orders.extend(returns::credit_notes(&calendar, &orders, CREDIT_NOTES));
            numbered(orders)
        };
        let visibility_groups = shelves::visibility_groups(&calendar);
        Self { calendar, products, visibility_groups, price_lists, groups, organizations, customers, orders }
    }
}

/// Orders in the order of time, numbered as they came in.
fn numbered(mut orders: Vec<Order>) -> Vec<Order> {
    orders.sort_by_key(|order| (order.placed_at, order.id));
    let (mut sales, mut credits) = (100_000, 10_000);
    for order in &mut orders {
        order.number = if order.is_credit_note {
            credits += 1;
            format!("CN-{credits}")
        } else {
            sales += 1;
            format!("SO-{sales}")
        };
    }
    orders
}
