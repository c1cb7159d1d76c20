//! What a promotion makes of a few prices of customers whom it reaches, before and after.

use crate::error::Result;
use crate::impact::store::{customers, products};
use crate::inheritance::book::Book;
use crate::inheritance::counting::which_groups_count;
use crate::pricing::facts::Question;
use crate::pricing::resolve::{Counting, Ladder};
use crate::pricing::store::facts;
use crate::promotions::amounts::Running;
use crate::promotions::basket::line;
use crate::promotions::promotion::{Offer, Promotion};
use diesel::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// How many customers a sample has at most, and how many products.
pub const CUSTOMERS: usize = 3;
const PRODUCTS: i64 = 4;

/// A line of the sample; minor units of the store's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Whose price.
    pub customer: Uuid,
    /// Its name.
    pub customer_name: String,
    /// The product's SKU.
    pub sku: String,
    /// Its name.
    pub product: String,
    /// How many units.
    pub quantity: i32,
    /// Base price × quantity.
    pub base: Option<i64>,
    /// Group price × quantity: before.
    pub before: i64,
    /// With the promotion alone: after.
    pub after: i64,
}

/// Whether a promotion changes prices at all.
pub fn changes_prices(offer: &Offer) -> bool {
    matches!(offer, Offer::Percent(_) | Offer::Amount(_) | Offer::BuyGet { .. })
}

/// Lines of these customers with the promotion alone on them, as if its minimum were met.
pub fn sample(
    conn: &mut PgConnection,
    promotion: &Promotion,
    chosen: &[Uuid],
    book: &Book,
    question: &Question,
) -> Result<Vec<Sample>> {
    if !changes_prices(&promotion.offer) {
        return Ok(Vec::new());
    }
    let quantity = match promotion.offer {
        Offer::BuyGet { buy, get } => buy.saturating_add(get),
        _ => 1,
    };
    let question = Question { quantity, ..*question };
    let mut lines = Vec::new();
    let ids = products(conn, &[], PRODUCTS)?;
    for customer in customers(conn, &chosen[..chosen.len().min(CUSTOMERS)])? {
        let counting = Counting::all(&which_groups_count(&customer.standing));
        let ladder = Ladder::new(book.levels(), &counting, &[]);
        let found: HashMap<_, _> = facts::products(conn, &ids, &ladder.lists(), &ladder.groups())?;
        for product in ids.iter().filter_map(|id| found.get(id)) {
            let resolution = ladder.resolve(product, &question);
            let Some(line) = line(&resolution, quantity, book.levels()) else { continue };
            let mut running = Running::new(&[line], 0);
            running.take(&promotion.offer, promotion.stacks);
            lines.push(Sample {
                customer: customer.id,
                customer_name: customer.name.clone(),
                sku: product.sku.clone(),
                product: product.name.clone(),
                quantity,
                base: line.base_total,
                before: line.group_total,
                after: running.total(),
            });
        }
    }
    Ok(lines)
}
