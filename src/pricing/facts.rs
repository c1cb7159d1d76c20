//! What a price depends on besides the groups' settings: products and their entries in price lists.

use crate::inheritance::own::{AssignedList, Scope};
use crate::money::Currency;
use chrono::NaiveDate;
use uuid::Uuid;

/// A price in a price list, from a quantity on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The list.
    pub list_id: Uuid,
    /// Holds from this many units on; at least 1.
    pub min_quantity: i32,
    /// For each unit, minor units of the list's currency.
    pub price: i64,
}

/// A product with what the lists and the scopes asked about say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// The product.
    pub id: Uuid,
    /// Its SKU.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// Its category; empty for none.
    pub category: String,
    /// Minor units of `currency`, which is the store's (SPEC 7, rule 5).
    pub base_price: i64,
    /// What a unit costs the store, minor units; `None` = unknown.
    pub cost: Option<i64>,
    /// What the base price is in.
    pub currency: Currency,
    /// Whether it is sold at all.
    pub active: bool,
    /// Its entries in the lists asked about, sorted by list and minimum quantity.
    entries: Vec<Entry>,
    /// The groups whose adjustment is for chosen products, this one among them; sorted.
    chosen_by: Vec<Uuid>,
}

impl Product {
    /// A product that no list and no scope knows.
    pub fn new(id: Uuid, sku: &str, base_price: i64, currency: Currency) -> Self {
        Self {
            id,
            sku: sku.into(),
            name: sku.into(),
            category: String::new(),
            base_price,
            cost: None,
            currency,
            active: true,
            entries: Vec::new(),
            chosen_by: Vec::new(),
        }
    }

    /// With these entries, in any order.
    #[must_use]
    pub fn with_entries(mut self, mut entries: Vec<Entry>) -> Self {
        entries.sort_unstable_by_key(|entry| (entry.list_id, entry.min_quantity));
        self.entries = entries;
        self
    }

    /// Chosen by the adjustments of these groups, in any order.
    #[must_use]
    pub fn with_chosen_by(mut self, mut groups: Vec<Uuid>) -> Self {
        groups.sort_unstable();
        self.chosen_by = groups;
        self
    }

    /// The entries of one list, the smallest minimum quantity first.
    pub fn entries_of(&self, list: Uuid) -> &[Entry] {
        let begin = self.entries.partition_point(|entry| entry.list_id < list);
        let end = begin + self.entries[begin..].partition_point(|entry| entry.list_id == list);
        &self.entries[begin..end]
    }

    /// The quantities from which another price can hold, 1 among them, each once, sorted.
    pub fn steps(&self) -> Vec<i32> {
        let mut steps: Vec<i32> = self.entries.iter().map(|entry| entry.min_quantity).chain([1]).collect();
        steps.sort_unstable();
        steps.dedup();
        steps
    }

    /// Whether a group's scope covers this product.
    pub fn is_in(&self, scope: &Scope, group: Uuid) -> bool {
        match scope {
            Scope::All => true,
            Scope::Categories(names) => names.contains(&self.category),
            Scope::Products(_) => self.chosen_by.binary_search(&group).is_ok(),
        }
    }
}

/// What is asked about each product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// How many units, at least 1.
    pub quantity: i32,
    /// On which store day.
    pub day: NaiveDate,
    /// In which currency.
    pub currency: Currency,
}

impl Question {
    /// Why a list prices nothing today, whatever is in it.
    pub fn refuses(&self, list: &AssignedList) -> Option<super::trace::Verdict> {
        use super::trace::Verdict;
        if !list.active {
            return Some(Verdict::ListInactive);
        }
        if let Some(from) = list.valid_from.filter(|from| self.day < *from) {
            return Some(Verdict::NotYetValid(from));
        }
        if let Some(to) = list.valid_to.filter(|to| self.day > *to) {
            return Some(Verdict::Expired(to));
        }
        (list.currency != self.currency).then_some(Verdict::OtherCurrency(list.currency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_finds_the_entries_of_one_list() {
        let ids: Vec<Uuid> = (1..=3).map(Uuid::from_u128).collect();
        let entry = |list: usize, min_quantity, price| Entry { list_id: ids[list], min_quantity, price };
        let product = Product::new(Uuid::nil(), "A", 100, Currency::USD).with_entries(vec![
            entry(2, 1, 1),
            entry(0, 10, 2),
            entry(0, 1, 3),
        ]);
        let prices = |list: usize| product.entries_of(ids[list]).iter().map(|e| e.price).collect::<Vec<_>>();
        assert_eq!((prices(0), prices(1), prices(2)), (vec![3, 2], vec![], vec![1]));
    }

    #[test]
    fn scopes_are_all_products_categories_or_chosen_products() {
        let (group, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut product = Product::new(Uuid::nil(), "A", 100, Currency::USD).with_chosen_by(vec![group]);
        product.category = "Toys".into();
        for (scope, asked, expected) in [
            (Scope::All, other, true),
            (Scope::Categories(vec!["Books".into(), "Toys".into()]), other, true),
            (Scope::Categories(vec!["toys".into()]), other, false),
            (Scope::Categories(vec![]), other, false),
            (Scope::Products(1), group, true),
            (Scope::Products(1), other, false),
        ] {
            assert_eq!(product.is_in(&scope, asked), expected, "{scope:?}");
        }
    }
}
