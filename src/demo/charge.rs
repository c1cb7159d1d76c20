//! What the shop charged when an order was placed: list price less what the customer's groups granted that day.
//!
//! This writes history; what a customer pays now is answered by the price resolution of SPEC 7, not from here.

use super::catalogue::Product;
use super::groups::{Group, Key, Method};
use super::price_lists::PriceList;
use chrono::NaiveDate;

/// Groups, lists and products as the shop prices them.
#[derive(Debug)]
pub struct Tariff<'a> {
    products: &'a [Product],
    groups: &'a [Group],
    lists: Vec<&'a PriceList>,
}

impl<'a> Tariff<'a> {
    /// The tariff of a shop; `groups` in the order of [`Key::ALL`].
    pub fn of(products: &'a [Product], groups: &'a [Group], lists: &'a [PriceList]) -> Self {
        Self { products, groups, lists: lists.iter().filter(|list| list.currency == "USD").collect() }
    }

    /// Cents for one unit when buying `quantity` on `day` as a member of `groups`: the lowest that any of them or
    /// their parents offer, the list price where none does.
    pub fn unit_price(&self, product: usize, quantity: i32, day: NaiveDate, groups: &[Key]) -> i64 {
        let mut lowest: Option<i64> = None;
        for group in groups {
            let mut level = Some(*group);
            while let Some(key) = level {
                if let Some(price) = self.offer(key, product, quantity, day) {
                    lowest = Some(lowest.map_or(price, |other| other.min(price)));
                }
                level = key.parent();
            }
        }
        lowest.unwrap_or(self.products[product].price)
    }

    /// What one group itself offers: its lists by priority, then its percentage or amount off.
    fn offer(&self, key: Key, product: usize, quantity: i32, day: NaiveDate) -> Option<i64> {
        let listed = self
            .lists
            .iter()
            .filter(|list| list.in_force(day))
            .filter_map(|list| {
                let priority = list.assigned.iter().find(|(group, _)| *group == key)?.1;
                Some((priority, list.price(product, quantity)?))
            })
            .min_by_key(|(priority, _)| *priority);
        if let Some((_, price)) = listed {
            return Some(price);
        }
        let base = self.products[product].price;
        match self.method(key, product)? {
            Method::None | Method::PriceLists => None,
            Method::Percentage { .. } => {
                let off = self.percentage(key, product).min(10_000);
                Some((base * (10_000 - off) + 5_000) / 10_000)
            }
            Method::Fixed(amount) => Some((base - amount).max(0)),
        }
    }

    fn method(&self, key: Key, product: usize) -> Option<Method> {
        let pricing = self.groups.iter().find(|group| group.key == key)?.settings.pricing.as_ref()?;
        let category = self.products[product].category;
        let in_scope = pricing.categories.is_empty() || pricing.categories.contains(&category);
        pricing.method.filter(|_| in_scope)
    }

    /// The percentage a level grants in hundredths: its own, and where that adds, the highest above it besides.
    fn percentage(&self, key: Key, product: usize) -> i64 {
        let Some(Method::Percentage { hundredths, adds }) = self.method(key, product) else { return 0 };
        let mut inherited = 0;
        let mut above = key.parent().filter(|_| adds);
        while let Some(level) = above {
            inherited = inherited.max(self.percentage(level, product));
            above = level.parent();
        }
        hundredths + inherited
    }
}

#[cfg(test)]
mod tests {
    use super::super::calendar::Calendar;
    use super::super::{catalogue, groups, price_lists};
    use super::*;
    use chrono::DateTime;
    use std::collections::BTreeMap;

    #[test]
    fn prices_follow_the_groups() {
        let calendar = Calendar::ending(DateTime::parse_from_rfc3339("2026-11-22T08:00:00Z").unwrap().to_utc());
        let mut products = catalogue::products(&calendar);
        let groups = groups::groups(&calendar);
        let mut lists = price_lists::price_lists(&calendar, &products);
        for list in &mut lists {
            list.entries = BTreeMap::new();
        }
        for product in &mut products {
            product.price = 10_000;
        }
        let (chair, paper) = (
            products.iter().position(|p| p.category == "Seating").unwrap(),
            products.iter().position(|p| p.category == "Paper & Notebooks").unwrap(),
        );
        let list = |lists: &mut [PriceList], code: &str, entry: ((usize, i32), i64)| {
            lists.iter_mut().find(|l| l.code == code).unwrap().entries.insert(entry.0, entry.1);
        };
        list(&mut lists, "VIP-PRICES", ((paper, 1), 7_000));
        list(&mut lists, "WHOLESALE", ((chair, 1), 8_900));
        list(&mut lists, "WHOLESALE", ((chair, 10), 8_500));
        list(&mut lists, "WHOLESALE-SPECIALS", ((chair, 1), 8_800));
        list(&mut lists, "WHOLESALE-EUR", ((chair, 1), 1));
        let tariff = Tariff::of(&products, &groups, &lists);
        let season = calendar.today;
        let before = calendar.days_ago(400);
        for (product, quantity, day, members, price) in [
            (chair, 1, season, vec![], 10_000),
            (chair, 1, season, vec![Key::Retail], 10_000),
            (chair, 1, season, vec![Key::Retail, Key::Returning], 9_500),
            (paper, 1, season, vec![Key::Returning], 10_000),
            (chair, 1, season, vec![Key::Vip], 8_500),
            (chair, 1, season, vec![Key::VipPlatinum], 8_000),
            (paper, 1, season, vec![Key::Vip], 7_000),
            (paper, 1, season, vec![Key::VipPlatinum], 7_000),
            (chair, 1, season, vec![Key::Gold], 9_000),
            (chair, 1, season, vec![Key::Silver, Key::Gold], 9_000),
            (paper, 1, season, vec![Key::Bronze], 9_750),
            (chair, 1, season, vec![Key::Bronze], 10_000),
            (chair, 1, before, vec![Key::Wholesale], 8_900),
            (chair, 10, before, vec![Key::Wholesale], 8_500),
            (chair, 10, season, vec![Key::Wholesale], 8_800),
            (chair, 10, before, vec![Key::Distributor], 8_500),
            (paper, 10, season, vec![Key::Wholesale], 10_000),
        ] {
            let charged = tariff.unit_price(product, quantity, day, &members);
            assert_eq!(charged, price, "{} × {quantity} on {day} for {members:?}", products[product].sku);
        }
    }
}
