//! Prices before and after, on a sample: how many go up and down, the largest swings, the margin (SPEC 6).

use crate::inheritance::book::Book;
use crate::pricing::facts::{Product, Question};
use crate::pricing::resolve::{Counting, Ladder};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::HashMap;
use uuid::Uuid;

/// How many swings are named.
const NAMED: usize = 5;

/// A customer of the sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampled {
    /// The customer.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The groups that count for it today.
    pub before: Vec<Counting>,
    /// The groups that would count.
    pub after: Vec<Counting>,
}

/// A price that would be another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swing {
    /// Whose.
    pub customer: String,
    /// The customer.
    pub customer_id: Uuid,
    /// Of what.
    pub product: String,
    /// Its SKU.
    pub sku: String,
    /// Unit price today, minor units.
    pub before: i64,
    /// Unit price then.
    pub after: i64,
}

impl PriceImpact {
    /// Whether no price of the sample would be another.
    pub fn is_nothing(&self) -> bool {
        self.up + self.down + self.priced + self.unpriced == 0
    }
}

impl Swing {
    /// By how much, as a share of the price before in percent with two places; `None` from a price of 0.
    pub fn percent(&self) -> Option<Decimal> {
        (self.before != 0).then(|| {
            (Decimal::from(self.after - self.before) * Decimal::ONE_HUNDRED / Decimal::from(self.before)).round_dp(2)
        })
    }
}

/// What the sample shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceImpact {
    /// How many customers were looked at.
    pub customers: usize,
    /// How many products.
    pub products: usize,
    /// Of how many units the price is.
    pub quantity: i32,
    /// Prices that go up.
    pub up: usize,
    /// Prices that go down.
    pub down: usize,
    /// Prices that stay.
    pub same: usize,
    /// Products that have no price in this currency today and would have one.
    pub priced: usize,
    /// Products that have one today and would have none.
    pub unpriced: usize,
    /// The largest changes by their share of the price, the largest first.
    pub swings: Vec<Swing>,
    /// (Σ price − Σ cost) / Σ price of the sample today, in percent; `None` where nothing has a price and a cost.
    pub margin_before: Option<Decimal>,
    /// The same then.
    pub margin_after: Option<Decimal>,
}

/// A book with what the database says of products beside it.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The settings.
    pub book: &'a Book,
    /// The products of the sample with their entries and scopes.
    pub products: &'a HashMap<Uuid, Product>,
}

/// Prices of every product of `ids` for every customer, today and then.
pub fn compare(
    before: Side<'_>,
    after: Side<'_>,
    customers: &[Sampled],
    ids: &[Uuid],
    question: &Question,
) -> PriceImpact {
    let pairs: Vec<(&Product, &Product)> =
        ids.iter().filter_map(|id| before.products.get(id).zip(after.products.get(id))).collect();
    let mut impact = PriceImpact {
        customers: customers.len(),
        products: pairs.len(),
        quantity: question.quantity,
        ..PriceImpact::default()
    };
    let (mut sums_before, mut sums_after) = (Sums::default(), Sums::default());
    for customer in customers {
        let old = Ladder::new(before.book.levels(), &customer.before, &[]);
        let new = Ladder::new(after.book.levels(), &customer.after, &[]);
        for (product, then) in &pairs {
            let was = old.resolve(product, question).unit_price;
            let is = new.resolve(then, question).unit_price;
            let (was, is) = match (was, is) {
                (Some(was), Some(is)) => (was, is),
                (None, None) => continue,
                (None, Some(_)) => {
                    impact.priced += 1;
                    continue;
                }
                (Some(_), None) => {
                    impact.unpriced += 1;
                    continue;
                }
            };
            sums_before.add(was, product.cost);
            sums_after.add(is, then.cost);
            match is.cmp(&was) {
                std::cmp::Ordering::Equal => impact.same += 1,
                std::cmp::Ordering::Greater => impact.up += 1,
                std::cmp::Ordering::Less => impact.down += 1,
            }
            if was != is {
                impact.swings.push(Swing {
                    customer: customer.name.clone(),
                    customer_id: customer.id,
                    product: product.name.clone(),
                    sku: product.sku.clone(),
                    before: was,
                    after: is,
                });
            }
        }
    }
    impact.swings = named(impact.swings);
    impact.margin_before = sums_before.margin();
    impact.margin_after = sums_after.margin();
    impact
}

/// The largest swings, each product once, so that five lines say five things.
fn named(mut swings: Vec<Swing>) -> Vec<Swing> {
    let size = |swing: &Swing| swing.percent().map_or(Decimal::MAX, |percent| percent.abs());
    swings.sort_by(|a, b| {
        size(b).cmp(&size(a)).then_with(|| a.sku.cmp(&b.sku)).then_with(|| a.customer.cmp(&b.customer))
    });
    let mut kept: Vec<Swing> = Vec::new();
    for swing in swings {
        if kept.len() == NAMED {
            break;
        }
        if kept.iter().all(|other| other.sku != swing.sku) {
            kept.push(swing);
        }
    }
    kept
}

/// Prices and costs of the products that have both.
#[derive(Default)]
struct Sums {
    price: i128,
    cost: i128,
}

impl Sums {
    fn add(&mut self, price: i64, cost: Option<i64>) {
        if let Some(cost) = cost {
            self.price += i128::from(price);
            self.cost += i128::from(cost);
        }
    }

    fn margin(&self) -> Option<Decimal> {
        let price = Decimal::try_from_i128_with_scale(self.price, 0).ok()?;
        let cost = Decimal::try_from_i128_with_scale(self.cost, 0).ok()?;
        let share = (price - cost).checked_mul(Decimal::ONE_HUNDRED)?.checked_div(price)?;
        (self.price > 0).then(|| share.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
    }
}
