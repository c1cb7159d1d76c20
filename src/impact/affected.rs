//! Whom a change affects, exactly: of the customers for whom a touched group counts, those for whom something results that
//! isn't what results today. Who has it from elsewhere is reached, but notices nothing (SPEC 6).

use super::offers::Offering;
use super::prices::Side;
use super::sight::{Sight, Sights};
use crate::groups::group::ROOT_ID;
use crate::inheritance::book::Book;
use crate::inheritance::effective::{Effective, effective};
use crate::inheritance::level::chain;
use crate::inheritance::own::Section;
use crate::pricing::facts::{Product, Question};
use crate::pricing::resolve::{Counting, Ladder};
use chrono::NaiveDate;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use uuid::Uuid;

/// How many days on which a list begins are looked at besides today.
const BEGINNINGS: usize = 4;
/// How many kinds of customers are kept of whom it takes products to tell; the customers of the others are only counted.
const KEPT: usize = 10_000;

/// Customers for whom it takes products to say whether something changes, and who all pay and see the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The groups that count for one of them today, the one that decides first.
    pub before: Vec<Uuid>,
    /// The groups that would count.
    pub after: Vec<Uuid>,
    /// How many they are.
    pub customers: i64,
    /// Whether guests are among them.
    pub guests: bool,
    /// Whether prices must be compared.
    pub prices: bool,
    /// What they see, where that must be compared.
    pub sight: Option<(Arc<Sight>, Arc<Sight>)>,
}

/// The customers of a change, as far as the settings alone tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sorted {
    /// Customers for whom a touched group counts.
    pub reached: i64,
    /// Those of them for whom something changes for certain.
    pub affected: i64,
    /// Whether guests notice for certain.
    pub guests: bool,
    /// Those of whom it isn't known yet.
    pub open: Vec<Open>,
    /// Further customers of whom it isn't known, and won't be.
    pub unkept: i64,
    /// From which group's terms to which one's how many customers would go; All Customers where no group counts.
    pub deciding: HashMap<(Uuid, Uuid), i64>,
}

/// Who is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// One customer.
    Customer,
    /// Everybody who isn't one.
    Guests,
}

/// What those pay and see who are one [`Open`]: by offers before and after, and by what must be compared.
type Kind = (Vec<u32>, Vec<u32>, Option<(Vec<Uuid>, Vec<Uuid>)>);

/// Sorts customers, one after the other: who is affected, who isn't, of whom it takes products to tell.
pub struct Judge<'a> {
    books: [&'a Book; 2],
    singles: HashMap<(Uuid, Uuid), bool>,
    offering: Offering<'a>,
    sights: Sights<'a>,
    kinds: HashMap<Kind, usize>,
    sorted: Sorted,
}

impl<'a> Judge<'a> {
    /// For a change from one book to another, on a day. `list` is one whose prices would be others though the settings stay.
    pub fn new(before: &'a Book, after: &'a Book, day: NaiveDate, list: Option<Uuid>) -> Self {
        let books = [before, after];
        Self {
            books,
            singles: HashMap::new(),
            offering: Offering::new(books, day, list),
            sights: Sights::new(books),
            kinds: HashMap::new(),
            sorted: Sorted::default(),
        }
    }

    /// Somebody who is reached: the groups that count today and those that would, the one that decides first.
    pub fn take(&mut self, who: Who, before: &[Uuid], after: &[Uuid]) {
        let customers = i64::from(who == Who::Customer);
        let guests = who == Who::Guests;
        self.sorted.reached += customers;
        let deciding = |groups: &[Uuid]| groups.first().copied().unwrap_or(ROOT_ID);
        let pair = (deciding(before), deciding(after));
        if customers > 0 {
            *self.sorted.deciding.entry(pair).or_default() += customers;
        }
        let numbers = (self.offering.numbers(0, before), self.offering.numbers(1, after));
        let prices = self.offering.differ(&numbers.0, &numbers.1);
        if prices == Some(true) || self.single_differs(pair) {
            self.sorted.affected += customers;
            self.sorted.guests |= guests;
            return;
        }
        let sight = self.sights.pair(before, after);
        if prices.is_none() || sight.is_some() {
            let open = Open {
                before: before.to_vec(),
                after: after.to_vec(),
                customers,
                guests,
                prices: prices.is_none(),
                sight,
            };
            self.leave_open(numbers, open);
        }
    }

    /// The end: everybody has been looked at.
    pub fn sorted(self) -> Sorted {
        self.sorted
    }

    fn leave_open(&mut self, (was, is): (Vec<u32>, Vec<u32>), open: Open) {
        let seen = open.sight.as_ref().map(|(was, is)| (was.groups().to_vec(), is.groups().to_vec()));
        let all = &mut self.sorted.open;
        let room = all.len() < KEPT || open.guests;
        let place = match self.kinds.entry((was, is, seen)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(free) if room => *free.insert(all.len()),
            Entry::Vacant(_) => {
                self.sorted.unkept += open.customers;
                return;
            }
        };
        match all.get_mut(place) {
            Some(known) => {
                known.customers += open.customers;
                known.guests |= open.guests;
            }
            None => all.push(open),
        }
    }

    /// Whether terms, portal access or the minimum order would be others.
    fn single_differs(&mut self, (was, is): (Uuid, Uuid)) -> bool {
        let [old, new] = self.books;
        *self.singles.entry((was, is)).or_insert_with(|| {
            match (effective(old.levels(), was), effective(new.levels(), is)) {
                (Some(old), Some(new)) => single(&old) != single(&new),
                _ => true,
            }
        })
    }
}

/// Everything that only one group can say.
fn single(holds: &Effective) -> impl PartialEq + use<> {
    let portal = (holds.login.value, holds.shop.value, holds.quotes.value, holds.orders.value, holds.invoices.value);
    let limits = (holds.net_days.value, holds.credit_limit.value, holds.auto_approve_under.value);
    let rest = (holds.methods.value.clone(), holds.require_po.value, holds.early_payment.value);
    (portal, limits, rest, holds.minimum_order.value)
}

/// Whether one of the products costs something else: at any quantity from which another price can hold, today or when one of
/// the lists begins.
pub fn costs_differ(before: Side<'_>, after: Side<'_>, open: &Open, ids: &[Uuid], question: &Question) -> bool {
    let counting = |groups: &[Uuid]| -> Vec<Counting> {
        groups.iter().enumerate().map(|(i, id)| Counting { id: *id, is_primary: i == 0 }).collect()
    };
    let (was, is) = (counting(&open.before), counting(&open.after));
    let (old, new) = (Ladder::new(before.book.levels(), &was, &[]), Ladder::new(after.book.levels(), &is, &[]));
    let days = days(before.book, &open.before, question.day).chain(days(after.book, &open.after, question.day));
    let mut days: Vec<NaiveDate> = days.collect();
    days.sort_unstable();
    days.dedup();
    days.truncate(BEGINNINGS);
    let at_each = |was: &Product, is: &Product| {
        let mut steps = was.steps();
        steps.extend(is.steps());
        steps.push(question.quantity);
        std::iter::once(&question.day).chain(&days).any(|day| {
            steps.iter().any(|quantity| {
                let asked = Question { quantity: *quantity, day: *day, ..*question };
                old.resolve(was, &asked).unit_price != new.resolve(is, &asked).unit_price
            })
        })
    };
    ids.iter().filter_map(|id| before.products.get(id).zip(after.products.get(id))).any(|(was, is)| at_each(was, is))
}

/// The later days on which a list begins.
fn days<'a>(book: &'a Book, groups: &'a [Uuid], today: NaiveDate) -> impl Iterator<Item = NaiveDate> + 'a {
    let levels = groups.iter().flat_map(|id| chain(book.levels(), *id, Section::Pricing));
    let lists = levels.flat_map(|level| &level.pricing.lists).filter(|list| list.active);
    lists.filter_map(|list| list.valid_from).filter(move |from| *from > today)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::impact::stands::Stands;
    use crate::inheritance::level::{Level, Levels};
    use crate::inheritance::own::{Access, Adjustment, NamedSet, OwnPricing, OwnTerms, OwnVisibility, Scope, Setting};
    use rust_decimal::Decimal;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 10).unwrap()
    }

    fn group(n: u128, change: impl Fn(&mut Level)) -> (Uuid, Arc<Level>) {
        let mut level = Level { id: id(n), counts: true, parent_id: Some(ROOT_ID), ..Level::default() };
        change(&mut level);
        (id(n), Arc::new(level))
    }

    fn percent(percent: i64) -> Adjustment {
        Adjustment::Percentage { percent: Decimal::from(percent), adds: false, scope: Scope::All }
    }

    /// Group 1 takes 15% off, group 2 20%; 1 says Net 30, 2 nothing; 1 shows a set, 2 everything.
    fn book() -> Book {
        let set = Access::VisibilityGroups(vec![NamedSet { id: id(90), name: "Set".into() }]);
        let root = Level { id: ROOT_ID, counts: true, ..Level::default() };
        Book::new(Levels::from([
            (ROOT_ID, Arc::new(root)),
            group(1, |level| {
                level.pricing = OwnPricing { adjustment: percent(15), ..OwnPricing::default() };
                level.terms = OwnTerms { net_days: Setting::Value(30), ..OwnTerms::default() };
                level.visibility = OwnVisibility { access: Some(set.clone()), ..OwnVisibility::default() };
            }),
            group(2, |level| level.pricing.adjustment = percent(20)),
        ]))
    }

    /// Whether somebody for whom these groups count notices when group 1 changes: (affected, reached, still open).
    fn noticed(groups: &[u128], change: impl Fn(&mut Level)) -> (i64, i64, usize) {
        let before = book();
        let mut level = before.level(id(1)).unwrap().clone();
        change(&mut level);
        let after = before.with([(id(1), Some(Arc::new(level)))]);
        let stands = Stands { own: groups.iter().copied().map(id).collect(), has_primary: true, ..Stands::default() };
        let mut judge = Judge::new(&before, &after, day(), None);
        judge.take(Who::Customer, &stands.counting(&before), &stands.counting(&after));
        let sorted = judge.sorted();
        (sorted.affected, sorted.reached, sorted.open.len())
    }

    #[test]
    fn only_those_for_whom_another_value_results_are_affected() {
        type Change = fn(&mut Level);
        let net: Change = |level| level.terms.net_days = Setting::Value(45);
        let same: Change = |level| level.terms.net_days = Setting::Value(30);
        let lower: Change = |level| level.pricing.adjustment = percent(18);
        let higher: Change = |level| level.pricing.adjustment = percent(25);
        let rests: Change = |level| level.counts = false;
        let sees: Change = |level| level.visibility.access = Some(Access::ChosenProducts);
        for (says, groups, change, expected) in [
            ("its primary group's terms", &[1, 2][..], net, (1, 1, 0)),
            ("another group decides the terms", &[2, 1], net, (0, 1, 0)),
            ("through the organization", &[1], net, (1, 1, 0)),
            ("nothing changes", &[1], same, (0, 1, 0)),
            ("the only price", &[1], lower, (1, 1, 0)),
            ("another group's price is lower all the same", &[1, 2], lower, (0, 1, 0)),
            ("now it is the lowest", &[2, 1], higher, (1, 1, 0)),
            ("a group that stops, where another one has the better price and decides", &[2, 1], rests, (0, 1, 0)),
            ("a group that stops and decided the terms", &[1, 2], rests, (1, 1, 0)),
            ("what is seen takes products to tell", &[1], sees, (0, 1, 1)),
            ("another group shows everything", &[1, 2], sees, (0, 1, 0)),
        ] {
            assert_eq!(noticed(groups, change), expected, "{says}");
        }
    }

    #[test]
    fn prices_by_lists_and_categories_are_left_to_the_products() {
        let toys = Adjustment::Percentage {
            percent: Decimal::from(50),
            adds: false,
            scope: Scope::Categories(vec!["Toys".into()]),
        };
        assert_eq!(noticed(&[1], |level| level.pricing.adjustment = toys.clone()), (0, 1, 1));
    }
}
