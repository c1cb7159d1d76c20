//! The 300 products: SKUs, list prices, costs, and since when or until when they were sold.

use super::calendar::Calendar;
use super::chance::{Chance, Part};
use super::shelves::Shelf;
use super::wares::CATEGORIES;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

/// A product. Amounts are in cents of the store's currency.
#[derive(Clone, Debug)]
pub struct Product {
    /// Its id.
    pub id: Uuid,
    /// `SEA-1001`.
    pub sku: String,
    /// Item and variant.
    pub name: String,
    /// The category's name.
    pub category: &'static str,
    /// The category's place in [`CATEGORIES`].
    pub aisle: usize,
    /// The list price.
    pub price: i64,
    /// What a unit costs.
    pub cost: i64,
    /// Who sees it.
    pub shelf: Shelf,
    /// Whether it is in the starter range for new customers.
    pub starter: bool,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// The last day it was sold; an active product has none.
    pub until: Option<NaiveDate>,
}

impl Product {
    /// Whether it could be bought on a day.
    pub fn sold_on(&self, day: NaiveDate) -> bool {
        self.created_at.date_naive() < day && self.until.is_none_or(|last| day <= last)
    }
}

/// All products, category by category.
pub fn products(calendar: &Calendar) -> Vec<Product> {
    let mut chance = Chance::of(Part::Catalogue, 0);
    let mut products = Vec::with_capacity(CATEGORIES.len() * 25);
    for (aisle, category) in CATEGORIES.iter().enumerate() {
        let mut number = 1000;
        for (place, (item, price, shelf)) in category.items.iter().enumerate() {
            // A cost of 58 to 73% of the list price leaves a margin of a third at list, a fifth at wholesale.
            let share = chance.between(580, 730);
            let age = if *shelf == Shelf::Early { chance.between(35, 80) } else { age(&mut chance) };
            for (variant, percent) in category.variants {
                number += 1;
                let made = Made { number, price: charm(price * percent / 100), cost_permille: share, age };
                products.push(Product {
                    name: format!("{item}, {variant}"),
                    shelf: *shelf,
                    starter: place < 4,
                    ..made.product(&mut chance, calendar, aisle)
                });
            }
        }
        let (item, price) = category.discontinued;
        let until = calendar.days_ago(chance.between(150, 700));
        let made = Made { number: number + 1, price, cost_permille: 760, age: 2_100 };
        products.push(Product {
            name: item.to_owned(),
            until: Some(until),
            ..made.product(&mut chance, calendar, aisle)
        });
    }
    products
}

/// What differs from product to product besides the name.
struct Made {
    number: i64,
    price: i64,
    cost_permille: i64,
    age: i64,
}

impl Made {
    fn product(self, chance: &mut Chance, calendar: &Calendar, aisle: usize) -> Product {
        let created_at = Calendar::midnight(calendar.days_ago(self.age)) + TimeDelta::hours(9);
        Product {
            id: chance.id(created_at),
            sku: format!("{}-{}", CATEGORIES[aisle].letters, self.number),
            name: String::new(),
            category: CATEGORIES[aisle].name,
            aisle,
            price: self.price,
            cost: (self.price * self.cost_permille + 500) / 1000,
            shelf: Shelf::Open,
            starter: false,
            created_at,
            until: None,
        }
    }
}

/// Most items are as old as the shop; one in six joined during the last three years.
fn age(chance: &mut Chance) -> i64 {
    if chance.percent(17) { chance.between(120, 1_000) } else { chance.between(1_500, 2_250) }
}

/// A price as shops write it: $169.00, $79.90, $7.99.
fn charm(cents: i64) -> i64 {
    match cents {
        10_000.. => cents / 1_000 * 1_000 + 900,
        1_000.. => cents / 100 * 100 + 90,
        _ => cents / 50 * 50 + 49,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use std::collections::HashSet;

    fn all() -> (Calendar, Vec<Product>) {
        let calendar = Calendar::ending(DateTime::parse_from_rfc3339("2026-11-22T08:00:00Z").unwrap().to_utc());
        let products = products(&calendar);
        (calendar, products)
    }

    #[test]
    fn three_hundred_products_in_a_dozen_categories_each_with_its_own_sku() {
        let (_, products) = all();
        assert_eq!(products.len(), 300);
        assert_eq!(products.iter().map(|p| &p.sku).collect::<HashSet<_>>().len(), 300);
        assert_eq!(products.iter().map(|p| &p.name).collect::<HashSet<_>>().len(), 300);
        assert_eq!(products.iter().map(|p| p.category).collect::<HashSet<_>>().len(), 12);
    }

    #[test]
    fn forty_five_active_products_are_for_vip_customers_only() {
        let (_, products) = all();
        let exclusive = products.iter().filter(|p| p.until.is_none() && p.shelf != Shelf::Open).count();
        assert_eq!(exclusive, 45);
    }

    #[test]
    fn every_product_leaves_a_margin_at_list_price() {
        let (calendar, products) = all();
        for p in &products {
            assert!(p.cost > 0 && p.cost * 100 < p.price * 80, "{} {} {}", p.sku, p.price, p.cost);
            assert!(p.until.is_none_or(|last| last < calendar.today && p.sold_on(last)), "{}", p.sku);
        }
    }
}
