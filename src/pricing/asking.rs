//! One way to ask for prices: who buys, what, when, in which currency (SPEC 7). Whatever shows or uses a price asks here.

use super::facts::{Product, Question};
use super::resolve::{Counting as Counts, Ladder, Resolution};
use super::trace::Verdict;
use crate::groups::group::{Assignment, ROOT_ID};
use crate::inheritance::book::Book;
use crate::inheritance::counting::{Cause, Counted, Counting, Reason};
use crate::inheritance::level::{Level, chain};
use crate::inheritance::own::{Access, Section};
use crate::money::Currency;
use crate::visibility::sees::{Sees, any_sees};
use crate::visibility::sight::{Eyes, Shown, Sight};
use chrono_tz::Tz;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// The most products of one question (SPEC 13).
pub const MOST_ITEMS: usize = 1000;
/// The most units of a product.
pub const MOST_UNITS: i32 = 1_000_000;

/// A quantity that is asked for.
///
/// # Errors
/// Anything but a whole number from 1 to [`MOST_UNITS`]: a sentence that says so.
pub fn quantity(text: &str) -> Result<i32, &'static str> {
    let number = text.trim().parse().ok().filter(|quantity| (1..=MOST_UNITS).contains(quantity));
    number.ok_or("The quantity is a whole number from 1 to 1,000,000.")
}

/// Who a customer is, as far as prices are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Id.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Whether it may buy at all; prices don't depend on it (SPEC 6).
    pub active: bool,
}

/// A customer, or nobody, with all that its prices depend on besides the products.
#[derive(Clone, Debug)]
pub struct Buyer {
    /// The customer; `None` for a guest.
    pub customer: Option<Person>,
    /// Which groups count, and which don't.
    pub counting: Counting,
    /// The settings of all groups.
    pub book: Arc<Book>,
    /// The store's currency.
    pub currency: Currency,
    /// The store's zone.
    pub zone: Tz,
}

impl Buyer {
    /// The group from which single-valued settings come; All Customers where none counts.
    pub fn deciding(&self) -> Uuid {
        self.counting.deciding().map_or(ROOT_ID, |group| group.id)
    }

    /// The groups whose visibility holds: those that count, otherwise All Customers.
    pub fn seeing(&self) -> Vec<Uuid> {
        match self.counting.groups.as_slice() {
            [] => vec![ROOT_ID],
            groups => groups.iter().map(|group| group.id).collect(),
        }
    }

    /// The ladder that prices are found with.
    pub fn ladder(&self) -> Ladder<'_> {
        let apart = self.counting.left_out.iter().map(|group| {
            let verdict = match group.cause {
                Cause::OrganizationDecides(_) => Verdict::OrganizationDecides,
                Cause::Inactive | Cause::Deleted | Cause::OrganizationsGroupRests(_) => Verdict::GroupInactive,
            };
            (group.id, verdict)
        });
        Ladder::new(self.book.levels(), &Counts::all(&self.counting), &apart.collect::<Vec<_>>())
    }

    /// What the customer sees, as a condition on products.
    pub fn sees(&self) -> Sees {
        any_sees(self.book.levels(), &self.seeing())
    }

    /// The same customer, as if this group alone counted for it: what it would pay there.
    pub fn as_if_in(&self, group: &Level) -> Self {
        let reason = Reason::Membership { assignment: Assignment::Manual, is_primary: true };
        let only = Counted { id: group.id, code: group.code.clone(), name: group.name.clone(), reason };
        Self { counting: Counting { groups: vec![only], left_out: Vec::new() }, ..self.clone() }
    }

    /// What must be known of products: the lists, the groups that choose products, and what restricts visibility.
    pub fn wanted(&self) -> Wanted {
        let ladder = self.ladder();
        let mut wanted = Wanted { lists: ladder.lists(), choosing: ladder.choosing(), ..Wanted::default() };
        for group in self.seeing() {
            for level in chain(self.book.levels(), group, Section::Visibility) {
                wanted.look_at(level);
            }
        }
        wanted
    }

    /// The prices of these items, in their order.
    pub fn prices<'a>(
        &'a self,
        items: impl IntoIterator<Item = (&'a Ware, i32)>,
        question: &Question,
    ) -> Vec<Priced<'a>> {
        let (ladder, eyes) = (self.ladder(), Eyes::new(self.book.levels(), &self.seeing()));
        let price = |(ware, quantity): (&'a Ware, i32)| Priced {
            ware,
            quantity,
            resolution: ladder.resolve(&ware.product, &Question { quantity, ..*question }),
            sight: eyes.see(&ware.shown),
        };
        items.into_iter().map(price).collect()
    }
}

/// What must be known of products to price and to see them; ids, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The price lists that can matter.
    pub lists: Vec<Uuid>,
    /// The groups whose adjustment is for chosen products.
    pub choosing: Vec<Uuid>,
    /// The visibility groups that are shown.
    pub sets: Vec<Uuid>,
    /// The groups that include or exclude products one by one.
    pub naming: Vec<Uuid>,
}

impl Wanted {
    fn look_at(&mut self, level: &Level) {
        let own = &level.visibility;
        if own.included + own.excluded > 0 && !self.naming.contains(&level.id) {
            self.naming.push(level.id);
        }
        if let Some(Access::VisibilityGroups(sets)) = &own.access {
            let new: Vec<Uuid> = sets.iter().map(|set| set.id).filter(|id| !self.sets.contains(id)).collect();
            self.sets.extend(new);
        }
    }

    /// What this wants and what another wants.
    pub fn extend(&mut self, other: Self) {
        for (ids, more) in [
            (&mut self.lists, other.lists),
            (&mut self.choosing, other.choosing),
            (&mut self.sets, other.sets),
            (&mut self.naming, other.naming),
        ] {
            ids.extend(more);
            ids.sort_unstable();
            ids.dedup();
        }
    }

    /// Whether only lists matter.
    pub fn only_lists(&self) -> bool {
        self.choosing.is_empty() && self.sets.is_empty() && self.naming.is_empty()
    }
}

/// A product with what prices and visibility depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ware {
    /// The product with its entries.
    pub product: Product,
    /// What is known of its visibility.
    pub shown: Shown,
}

/// Products by their SKU.
#[derive(Clone, Debug, Default)]
pub struct Wares(HashMap<String, Ware>);

impl Wares {
    /// The product of exactly this SKU.
    pub fn of(&self, sku: &str) -> Option<&Ware> {
        self.0.get(sku)
    }

    /// Adds a product.
    pub fn insert(&mut self, ware: Ware) {
        self.0.insert(ware.product.sku.clone(), ware);
    }
}

/// The answer for one item.
#[derive(Clone, Debug)]
pub struct Priced<'a> {
    /// The product.
    pub ware: &'a Ware,
    /// How many units.
    pub quantity: i32,
    /// The price with its reasons.
    pub resolution: Resolution<'a>,
    /// Whether the customer sees it, and why.
    pub sight: Sight<'a>,
}

impl Priced<'_> {
    /// For each unit, minor units; `None` where nothing prices it in the currency.
    pub fn unit_price(&self) -> Option<i64> {
        self.resolution.unit_price
    }

    /// Unit price × quantity.
    pub fn line_total(&self) -> Option<i64> {
        self.resolution.line_total(self.quantity)
    }

    /// Whether the customer may buy it: the product is active and seen.
    pub fn visible(&self) -> bool {
        self.ware.product.active && self.sight.visible
    }

    /// Why the customer may not buy it, as sentences; none where it may.
    pub fn hidden_because(&self) -> Vec<String> {
        let inactive = (!self.ware.product.active).then(|| "The product is inactive: nobody can buy it.".to_owned());
        let unseen = self.sight.reasons.iter().filter(|_| !self.sight.visible);
        let unseen = unseen.map(|(level, reason)| format!("{}.", reason.words(&level.name)));
        inactive.into_iter().chain(unseen).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_is_a_whole_number_up_to_a_million() {
        for (text, expected) in [
            ("1", Some(1)),
            (" 12 ", Some(12)),
            ("1000000", Some(1_000_000)),
            ("1000001", None),
            ("99999999999", None),
            ("0", None),
            ("-1", None),
            ("1.5", None),
            ("1e3", None),
            ("", None),
        ] {
            assert_eq!(quantity(text).ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn what_several_want_is_wanted_once() {
        let ids = |numbers: &[u128]| numbers.iter().map(|n| Uuid::from_u128(*n)).collect::<Vec<_>>();
        let mut wanted = Wanted { lists: ids(&[1, 3]), ..Wanted::default() };
        assert!(wanted.only_lists());
        wanted.extend(Wanted { lists: ids(&[2, 3]), sets: ids(&[7]), ..Wanted::default() });
        assert_eq!((wanted.lists.clone(), wanted.sets.clone()), (ids(&[1, 2, 3]), ids(&[7])));
        assert!(!wanted.only_lists());
    }
}
