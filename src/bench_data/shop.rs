//! The shop: what its rows are made from. All that grows with its size is made row by row.

use super::calendar::Calendar;
use super::catalogue::{self, Product};
use super::groups::{self, Group};
use super::sizes::Sizes;

/// What is known before the first row.
#[derive(Debug)]
pub struct Shop {
    /// How large it is.
    pub sizes: Sizes,
    /// When it lived.
    pub calendar: Calendar,
    /// The products, the best sellers first.
    pub products: Vec<Product>,
    /// The groups, parents first.
    pub groups: Vec<Group>,
}

impl Shop {
    /// The shop of these sizes.
    pub fn new(sizes: Sizes) -> Self {
        let calendar = Calendar::new(sizes.until, sizes.customers);
        let products = catalogue::products(&sizes, &calendar);
        let groups = groups::groups(&sizes, &calendar);
        Self { sizes, calendar, products, groups }
    }
}
