//! Products, price lists with their entries, and visibility groups.

use super::calendar::Calendar;
use super::draw::{Draw, Part, id};
use super::rows::Rows;
use super::shares::{shares, spread, tail};
use super::sizes::{STEPS, Sizes};
use super::words::CATEGORIES;
use crate::error::Result;
use uuid::Uuid;

/// Visibility groups, whatever the size.
pub const VISIBILITY_GROUPS: usize = 60;

/// What orders and lists need to know of a product.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    /// Id.
    pub id: Uuid,
    /// List price in cents.
    pub price: i64,
    /// Cost in cents.
    pub cost: i64,
}

/// All products, the best sellers first.
pub fn products(sizes: &Sizes, calendar: &Calendar) -> Vec<Product> {
    let at = calendar.opening().timestamp_millis();
    (0..sizes.products)
        .map(|n| {
            let mut draw = Draw::of(Part::Product, n);
            // From a dollar to 500, most of them cheap; ending in 9.
            let price = 100 + (draw.skewed(4_990) as i64) * 10 + 9;
            Product { id: id(Part::Product, n, at), price, cost: price * draw.between(45, 75) / 100 }
        })
        .collect()
}

/// Writes the products' rows: id, sku, name, category, base_price, cost, currency, status, created_at, updated_at.
pub fn write_products(products: &[Product], calendar: &Calendar, rows: &mut Rows<'_>) -> Result<()> {
    for (n, product) in products.iter().enumerate() {
        let category = CATEGORIES[n % CATEGORIES.len()];
        rows.id(product.id);
        rows.text(&format!("B-{n:06}"));
        rows.text(&format!("{category} No. {n}"));
        rows.text(category);
        rows.number(product.price);
        rows.number(product.cost);
        rows.text("USD");
        rows.text(if Draw::of(Part::Product, n).percent(97) { "active" } else { "inactive" });
        rows.instant(calendar.opening());
        rows.instant(calendar.opening());
        rows.end()?;
    }
    Ok(())
}

/// The id of a price list.
pub fn list_id(n: usize, calendar: &Calendar) -> Uuid {
    id(Part::PriceList, n, calendar.opening().timestamp_millis())
}

/// Writes the price lists' rows: id, code, name, currency, status, valid_from, valid_to, created_at, updated_at.
pub fn write_price_lists(sizes: &Sizes, calendar: &Calendar, rows: &mut Rows<'_>) -> Result<()> {
    let opening = calendar.opening();
    for n in 0..sizes.price_lists {
        let mut draw = Draw::of(Part::PriceList, n);
        rows.id(list_id(n, calendar));
        rows.text(&format!("BL-{n:05}"));
        rows.text(&format!("{} prices {n:05}", draw.pick(&CATEGORIES)));
        rows.text("USD");
        rows.text(if draw.percent(95) { "active" } else { "inactive" });
        // One in ten is dated, one in twenty has run out.
        let from = draw.percent(10).then(|| calendar.order_day(draw.below(700)));
        rows.day(from);
        rows.day(from.filter(|_| draw.percent(50)).map(|_| calendar.order_day(700 + draw.below(300))));
        rows.instant(opening);
        rows.instant(opening);
        rows.end()?;
    }
    Ok(())
}

/// Writes the entries' rows: price_list_id, product_id, min_quantity, price.
pub fn write_entries(sizes: &Sizes, products: &[Product], calendar: &Calendar, rows: &mut Rows<'_>) -> Result<()> {
    let by_list = shares(sizes.entries, &tail(sizes.price_lists, 50), products.len() * STEPS);
    for (n, entries) in by_list.into_iter().enumerate() {
        let list = list_id(n, calendar);
        let mut draw = Draw::of(Part::PriceList, n);
        // One to three steps a product, as many as it takes for the list to hold its entries.
        let steps = (draw.below(STEPS) + 1).max(entries.div_ceil(products.len()));
        let percent = draw.between(70, 98);
        let mut left = entries;
        for place in spread(entries.div_ceil(steps), products.len(), n) {
            let product = products[place];
            for step in 0..steps.min(left) {
                rows.id(list);
                rows.id(product.id);
                rows.number([1, 10, 100][step]);
                rows.number(product.price * (percent - 4 * step as i64) / 100);
                rows.end()?;
            }
            left -= steps.min(left);
        }
    }
    Ok(())
}

/// The id of a visibility group.
pub fn visibility_group_id(n: usize, calendar: &Calendar) -> Uuid {
    id(Part::VisibilityGroup, n, calendar.opening().timestamp_millis())
}

/// Writes the visibility groups' rows: id, name, created_at, updated_at.
pub fn write_visibility_groups(calendar: &Calendar, rows: &mut Rows<'_>) -> Result<()> {
    for n in 0..VISIBILITY_GROUPS {
        rows.id(visibility_group_id(n, calendar));
        rows.text(&format!("{} range {n:02}", CATEGORIES[n % CATEGORIES.len()]));
        rows.instant(calendar.opening());
        rows.instant(calendar.opening());
        rows.end()?;
    }
    Ok(())
}

/// Writes what visibility groups show: visibility_group_id, product_id. A twentieth of the products each.
pub fn write_shown(products: &[Product], calendar: &Calendar, rows: &mut Rows<'_>) -> Result<()> {
    for n in 0..VISIBILITY_GROUPS {
        for place in spread(products.len() / 20, products.len(), n) {
            rows.id(visibility_group_id(n, calendar));
            rows.id(products[place].id);
            rows.end()?;
        }
    }
    Ok(())
}
