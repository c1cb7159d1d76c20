//! The price lists: VIP, wholesale with quantity breaks, contracts, a season's specials, euros (SPEC 1, 6).

use super::calendar::Calendar;
use super::catalogue::Product;
use super::chance::{Chance, Part};
use super::groups::Key;
use super::shelves::Shelf;
use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Cents of a euro for a dollar at which the euro list was drawn up.
pub const EURO_PERCENT: i64 = 92;

/// A price list with its entries.
#[derive(Debug)]
pub struct PriceList {
    /// Its id.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// `USD` or `EUR`.
    pub currency: &'static str,
    /// Whether it is in use.
    pub active: bool,
    /// First and last day, where it has a window.
    pub window: Option<(NaiveDate, NaiveDate)>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The groups it is assigned to, with the priority.
    pub assigned: Vec<(Key, i32)>,
    /// Price in minor units by product and minimum quantity.
    pub entries: BTreeMap<(usize, i32), i64>,
}

impl PriceList {
    /// The entry with the largest minimum quantity that a quantity reaches.
    pub fn price(&self, product: usize, quantity: i32) -> Option<i64> {
        self.entries.range((product, 0)..=(product, quantity)).next_back().map(|(_, price)| *price)
    }

    /// Whether it prices anything on a day.
    pub fn in_force(&self, day: NaiveDate) -> bool {
        self.active && self.window.is_none_or(|(from, to)| (from..=to).contains(&day))
    }
}

/// All price lists of the shop.
pub fn price_lists(calendar: &Calendar, products: &[Product]) -> Vec<PriceList> {
    let year = calendar.today.year();
    let season = (calendar.days_ago(21), calendar.days_ago(-40));
    let past = (calendar.today - Months::new(30), calendar.today - Months::new(19));
    let trade = |p: &Product| matches!(p.shelf, Shelf::Open | Shelf::Bulk);
    let electronics = |p: &Product| {
        p.shelf == Shelf::Open && ["Displays", "Audio & Video", "Networking", "Power & Cables"].contains(&p.category)
    };
    let fifth = |p: &Product, n: u32| p.shelf == Shelf::Open && p.sku.bytes().map(u32::from).sum::<u32>() % 5 == n;
    let mut chance = Chance::of(Part::Groups, 1);
    let mut lists = Vec::new();
    let mut add = |code: &str, name: &str, months: u32, assigned: &[(Key, i32)]| {
        let created_at = Calendar::midnight(calendar.today - Months::new(months));
        lists.push(PriceList {
            id: chance.id(created_at),
            code: code.to_owned(),
            name: name.to_owned(),
            currency: "USD",
            active: true,
            window: None,
            created_at,
            assigned: assigned.to_vec(),
            entries: BTreeMap::new(),
        });
        lists.len() - 1
    };
    let vip = add("VIP-PRICES", "VIP Price List", 30, &[(Key::Vip, 1)]);
    let specials = add("WHOLESALE-SPECIALS", "Wholesale Season's Specials", 1, &[(Key::Wholesale, 1)]);
    let wholesale = add("WHOLESALE", "Wholesale Price List", 58, &[(Key::Wholesale, 10)]);
    let euro = add("WHOLESALE-EUR", "Wholesale Europe (EUR)", 40, &[(Key::Wholesale, 100)]);
    let distributor = add("DISTRIBUTOR", "Distributor Contract Prices", 52, &[(Key::Distributor, 1)]);
    let reseller = add("RESELLER", "Reseller Price List", 49, &[(Key::Reseller, 1)]);
    let old_code = format!("SPECIALS-{}", year - 2);
    let old = add(&old_code, &format!("Season's Specials {}", year - 2), 30, &[(Key::Wholesale, 110)]);
    let draft_code = format!("WHOLESALE-{}", year + 1);
    let draft = add(&draft_code, &format!("Wholesale Price List {} (draft)", year + 1), 1, &[]);

    fill(&mut lists[vip], products, |p| fifth(p, 0) && p.price >= 5_000, &[(1, 80)]);
    fill(&mut lists[specials], products, |p| fifth(p, 1), &[(1, 79)]);
    fill(&mut lists[wholesale], products, trade, &[(1, 89), (10, 85), (50, 81)]);
    fill(&mut lists[euro], products, |p| fifth(p, 2) || fifth(p, 3), &[(1, 89 * EURO_PERCENT / 100), (20, 77)]);
    fill(&mut lists[distributor], products, |p| fifth(p, 0) || fifth(p, 4), &[(1, 79), (50, 75)]);
    fill(&mut lists[reseller], products, electronics, &[(1, 84), (20, 80)]);
    fill(&mut lists[old], products, |p| fifth(p, 4), &[(1, 80)]);
    fill(&mut lists[draft], products, trade, &[(1, 90), (10, 86), (50, 82)]);
    lists[specials].window = Some(season);
    lists[old].window = Some(past);
    lists[draft].active = false;
    lists[euro].currency = "EUR";
    lists
}

/// Gives every active product that is wanted a price, in percent of its list price, from each quantity on.
fn fill(list: &mut PriceList, products: &[Product], wanted: impl Fn(&Product) -> bool, breaks: &[(i32, i64)]) {
    for (place, product) in products.iter().enumerate() {
        if product.until.is_none() && wanted(product) {
            for (quantity, percent) in breaks {
                list.entries.insert((place, *quantity), (product.price * percent + 50) / 100);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::products;
    use super::*;

    fn shop() -> (Calendar, Vec<Product>) {
        let calendar = Calendar::ending(DateTime::parse_from_rfc3339("2026-11-22T08:00:00Z").unwrap().to_utc());
        let products = products(&calendar);
        (calendar, products)
    }

    #[test]
    fn the_largest_minimum_quantity_that_is_reached_decides() {
        let (calendar, products) = shop();
        let mut list = price_lists(&calendar, &products).remove(0);
        list.entries = BTreeMap::from([((3, 1), 900), ((3, 10), 800), ((3, 50), 700), ((4, 5), 100)]);
        for (product, quantity, price) in [
            (3, 1, Some(900)),
            (3, 9, Some(900)),
            (3, 10, Some(800)),
            (3, 500, Some(700)),
            (4, 4, None),
            (4, 5, Some(100)),
            (2, 100, None),
            (5, 100, None),
        ] {
            assert_eq!(list.price(product, quantity), price, "{product} × {quantity}");
        }
    }

    #[test]
    fn every_list_has_entries_for_active_products_only_and_a_window_that_opens_before_it_ends() {
        let (calendar, products) = shop();
        for list in price_lists(&calendar, &products) {
            assert!(list.entries.len() >= 10, "{} has {}", list.code, list.entries.len());
            assert!(list.entries.keys().all(|(place, _)| products[*place].until.is_none()), "{}", list.code);
            assert!(list.window.is_none_or(|(from, to)| from <= to), "{}", list.code);
        }
    }
}
