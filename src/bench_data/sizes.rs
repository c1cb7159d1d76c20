//! How large the shop is to be.

use super::shares::{shares, tail};
use crate::error::{Error, FieldError, Result};
use crate::money::format_count;
use chrono::NaiveDate;

/// Price steps of a product in one list at most.
pub const STEPS: usize = 3;
/// Levels of the tree below All Customers (SPEC 3).
pub const DEPTH: usize = 8;

/// How many of each. Deterministic: the same sizes and the same last day make the same rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Customers.
    pub customers: usize,
    /// Orders, credit notes included.
    pub orders: usize,
    /// Lines of all orders.
    pub lines: usize,
    /// Groups besides All Customers.
    pub groups: usize,
    /// Memberships.
    pub memberships: usize,
    /// Products.
    pub products: usize,
    /// Price lists.
    pub price_lists: usize,
    /// Entries of all price lists.
    pub entries: usize,
    /// The last day with orders (UTC).
    pub until: NaiveDate,
}

impl Sizes {
    /// The shop that the limits of SPEC 15 are measured on, times `scale`; every part keeps at least a few.
    pub fn scaled(scale: f64, until: NaiveDate) -> Self {
        let sized = |full: usize, least: usize| ((full as f64 * scale).round() as usize).max(least);
        let orders = sized(4_000_000, 40);
        // A list can't have more entries than products: these shrink more slowly.
        let products = ((20_000.0 * scale.sqrt()).round() as usize).max(50);
        let price_lists = sized(10_000, 1);
        Self {
            customers: sized(1_000_000, 10),
            orders,
            lines: sized(10_000_000, orders),
            groups: sized(10_000, DEPTH),
            memberships: sized(3_000_000, 0),
            products,
            price_lists,
            entries: sized(10_000_000, 0).min(price_lists * products),
            until,
        }
    }

    /// Organizations: one for every fifty customers.
    pub fn organizations(&self) -> usize {
        self.customers.div_ceil(50)
    }

    /// Rows that are copied in.
    pub fn rows(&self) -> usize {
        self.customers + self.organizations() + self.orders + self.lines + self.memberships * 2 + self.entries
    }

    /// Members of each group: one has half of all customers, five a tenth each, the others ever fewer.
    pub fn members(&self) -> Vec<usize> {
        let mut members = Vec::with_capacity(self.groups);
        let mut left = self.memberships;
        for part in [2, 10, 10, 10, 10, 10].into_iter().take(self.groups.saturating_sub(1)) {
            // Where few memberships are asked for, the great groups leave some for the others.
            let size = (self.customers / part).min(left / 4);
            members.push(size);
            left -= size;
        }
        members.extend(shares(left, &tail(self.groups - members.len(), 20), self.customers));
        members
    }

    /// Refuses sizes that can't be made.
    ///
    /// # Errors
    /// [`Error::Invalid`], a sentence for each.
    pub fn check(&self) -> Result<()> {
        let mut errors = Vec::new();
        let mut least = |field: &str, value: usize, least: usize, why: &str| {
            if value < least {
                errors.push(FieldError::new(
                    field,
                    format!(
                        "--{field} is {}: at least {}{why}.",
                        format_count(value as i64),
                        format_count(least as i64)
                    ),
                ));
            }
        };
        least("customers", self.customers, 1, "");
        least("orders", self.orders, 1, "");
        least("lines", self.lines, self.orders, ", one for each order");
        least("groups", self.groups, 1, "");
        least("products", self.products, 1, "");
        least("price-lists", self.price_lists, 1, "");
        let mut most = |field: &str, value: usize, most: usize, why: &str| {
            if value > most {
                errors.push(FieldError::new(
                    field,
                    format!("--{field} is {}: at most {}{why}.", format_count(value as i64), format_count(most as i64)),
                ));
            }
        };
        most("customers", self.customers, 10_000_000, "");
        most("groups", self.groups, 10_000, "");
        most("orders", self.orders, 100_000_000, "");
        most("lines", self.lines, self.orders.saturating_mul(100), ", a hundred for each order");
        most("products", self.products, 1_000_000, "");
        most("price-lists", self.price_lists, 10_000, "");
        let room = self.groups.saturating_mul(self.customers) / 2;
        most("memberships", self.memberships, room, ", half of what these groups and customers allow");
        let room = self.price_lists.saturating_mul(self.products).saturating_mul(STEPS);
        most("entries", self.entries, room, ", three price steps for each product and list");
        if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Sizes {
        Sizes::scaled(1.0, NaiveDate::from_ymd_opt(2026, 1, 31).unwrap())
    }

    #[test]
    fn members_are_skewed_and_add_up() {
        let members = full().members();
        assert_eq!((members.len(), members.iter().sum::<usize>()), (10_000, 3_000_000));
        assert_eq!(&members[..6], [500_000, 100_000, 100_000, 100_000, 100_000, 100_000]);
        assert!(members[6] < 50_000 && members.iter().filter(|count| **count < 300).count() > 8_000);
    }

    #[test]
    fn every_scale_can_be_made() {
        for scale in [0.0, 0.0001, 0.001, 0.01, 0.3, 1.0] {
            let sizes = Sizes::scaled(scale, full().until);
            assert!(sizes.check().is_ok(), "{scale}: {sizes:?}");
            assert_eq!(sizes.members().iter().sum::<usize>(), sizes.memberships, "{scale}");
        }
    }

    #[test]
    fn sizes_that_cannot_be_made_are_refused() {
        for (sizes, field) in [
            (Sizes { customers: 0, memberships: 0, ..full() }, "customers"),
            (Sizes { lines: 3, ..full() }, "lines"),
            (Sizes { groups: 10_001, ..full() }, "groups"),
            (Sizes { groups: 2, ..full() }, "memberships"),
            (Sizes { products: 10, ..full() }, "entries"),
        ] {
            let Err(Error::Invalid(errors)) = sizes.check() else { panic!("{field} is refused") };
            let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
            assert_eq!(fields, [field]);
        }
    }
}
