//! What a group offers in prices, in a form that two states of the settings can be compared by.

use crate::inheritance::book::Book;
use crate::inheritance::effective::{effective, stacks_with_promotions};
use crate::inheritance::level::chain;
use crate::inheritance::own::{Adjustment, Scope, Section};
use crate::money::Currency;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::HashMap;
use uuid::Uuid;

/// What a group offers in prices, in a form that is the same where the prices are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Offers {
    /// What percentages on all products come to, where there is nothing else.
    percent: Option<Decimal>,
    /// Otherwise all levels that offer something.
    levels: Vec<(Option<Uuid>, Adjustment, Vec<List>)>,
    stacks: bool,
}

/// A list that prices something, now or later.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct List {
    id: Uuid,
    currency: Currency,
    window: (Option<NaiveDate>, Option<NaiveDate>),
}

/// The offers of all groups in two states, numbered: equal ones have the same number. A customer's prices are decided by
/// the numbers of the groups that count.
pub(super) struct Offering<'a> {
    books: [&'a Book; 2],
    day: NaiveDate,
    /// The list whose prices would be others though the settings stay.
    list: Option<Uuid>,
    all: Vec<Offers>,
    numbers: HashMap<Offers, u32>,
    of: [HashMap<Uuid, u32>; 2],
}

impl<'a> Offering<'a> {
    pub(super) fn new(books: [&'a Book; 2], day: NaiveDate, list: Option<Uuid>) -> Self {
        let of = [HashMap::new(), HashMap::new()];
        Self { books, day, list, all: Vec::new(), numbers: HashMap::new(), of }
    }

    /// The numbers of what these groups offer in one of the states, each once, in order.
    pub(super) fn numbers(&mut self, side: usize, groups: &[Uuid]) -> Vec<u32> {
        let mut numbers: Vec<u32> = groups.iter().map(|id| self.number(side, *id)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    fn number(&mut self, side: usize, group: Uuid) -> u32 {
        if let Some(number) = self.of[side].get(&group) {
            return *number;
        }
        let offers = offers(self.books[side], group, self.day);
        let number = self.numbers.get(&offers).copied().unwrap_or_else(|| {
            let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
            self.all.push(offers.clone());
            self.numbers.insert(offers, number);
            number
        });
        self.of[side].insert(group, number);
        number
    }

    /// Whether prices are others; `None` where it takes products to tell.
    pub(super) fn differ(&self, was: &[u32], is: &[u32]) -> Option<bool> {
        if self.use_list(was) || self.use_list(is) {
            return None;
        }
        if was == is {
            return Some(false);
        }
        if self.stacks(was) != self.stacks(is) {
            return Some(true);
        }
        // Percentages on everything: the highest one is what is paid.
        self.highest(was).zip(self.highest(is)).map(|(was, is)| was != is)
    }

    fn offers<'b>(&'b self, numbers: &'b [u32]) -> impl Iterator<Item = &'b Offers> + 'b {
        numbers.iter().filter_map(|number| self.all.get(usize::try_from(*number).ok()?))
    }

    fn use_list(&self, numbers: &[u32]) -> bool {
        let Some(list) = self.list else { return false };
        let mut lists = self.offers(numbers).flat_map(|offers| &offers.levels).flat_map(|(_, _, lists)| lists);
        lists.any(|other| other.id == list)
    }

    /// Whether one stacks with promotions, and whether one doesn't.
    fn stacks(&self, numbers: &[u32]) -> (bool, bool) {
        (self.offers(numbers).any(|offers| offers.stacks), self.offers(numbers).any(|offers| !offers.stacks))
    }

    fn highest(&self, numbers: &[u32]) -> Option<Decimal> {
        let percents: Option<Vec<Decimal>> = self.offers(numbers).map(|offers| offers.percent).collect();
        percents.map(|percents| percents.into_iter().max().unwrap_or_default())
    }
}

fn offers(book: &Book, group: Uuid, day: NaiveDate) -> Offers {
    let mut found = Offers { percent: None, levels: Vec::new(), stacks: stacks_with_promotions(book.levels(), group) };
    let mut plain = true;
    for level in chain(book.levels(), group, Section::Pricing) {
        let lists = level.pricing.lists.iter();
        // One that ended prices nothing any more; one that begins later will.
        let lists: Vec<List> = lists
            .filter(|list| list.active && list.valid_to.is_none_or(|to| to >= day))
            .map(|list| List { id: list.id, currency: list.currency, window: (list.valid_from, list.valid_to) })
            .collect();
        let adjustment = match &level.pricing.adjustment {
            Adjustment::Unset | Adjustment::ExplicitNone | Adjustment::PriceLists => Adjustment::Unset,
            adjustment => adjustment.clone(),
        };
        if lists.is_empty() && adjustment == Adjustment::Unset {
            continue;
        }
        plain &= lists.is_empty() && matches!(adjustment, Adjustment::Percentage { scope: Scope::All, .. });
        let chosen = matches!(
            adjustment,
            Adjustment::Percentage { scope: Scope::Products(_), .. }
                | Adjustment::Fixed { scope: Scope::Products(_), .. }
        );
        found.levels.push((chosen.then_some(level.id), adjustment, lists));
    }
    if plain {
        let levels = effective(book.levels(), group).map(|holds| holds.pricing).unwrap_or_default();
        found.percent = Some(levels.iter().filter_map(|level| level.total_percent).max().unwrap_or_default());
        found.levels.clear();
    }
    found
}
