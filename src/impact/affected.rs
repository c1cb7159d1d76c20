//! Whom a change affects, exactly: of the customers for whom a touched group counts, those for whom something results that
//! isn't what results today. Who has it from elsewhere is reached, but notices nothing (SPEC 6).

use super::prices::Side;
use crate::groups::group::ROOT_ID;
use crate::inheritance::book::Book;
use crate::inheritance::effective::{Effective, effective, stacks_with_promotions};
use crate::inheritance::level::chain;
use crate::inheritance::own::{Access, Adjustment, Scope, Section};
use crate::money::Currency;
use crate::pricing::facts::{Product, Question};
use crate::pricing::resolve::{Counting, Ladder};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// How many days on which a list begins are looked at besides today.
const BEGINNINGS: usize = 4;

/// Customers who stand in the same groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cohort {
    /// The group of their organization.
    pub organization: Option<Uuid>,
    /// The groups that they are in themselves: the one that decides first, if it counts (SPEC 6).
    pub own: Vec<Uuid>,
    /// How many they are; none for guests.
    pub customers: i64,
}

impl Cohort {
    /// The groups that count for them by a book, the one that decides single-valued settings first.
    pub fn counting(&self, book: &Book) -> Vec<Uuid> {
        let counts = |id: &Uuid| book.level(*id).is_some_and(|level| level.counts);
        match self.organization.filter(counts) {
            Some(group) => vec![group],
            None => self.own.iter().copied().filter(counts).collect(),
        }
    }
}

/// Customers for whom it takes products to say whether something changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The groups that count today.
    pub before: Vec<Uuid>,
    /// The groups that would count.
    pub after: Vec<Uuid>,
    /// How many they are; none for guests.
    pub customers: i64,
    /// Whether prices must be compared.
    pub prices: bool,
    /// What they see, where that must be compared.
    pub sight: Option<(Arc<Sight>, Arc<Sight>)>,
}

/// The cohorts of a change, as far as the settings alone tell.
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
}

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

/// What somebody sees, in a form that is the same where what is seen is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sight {
    all: bool,
    sets: Vec<Uuid>,
    included: Vec<(Uuid, i64)>,
    excluded: Vec<(Uuid, i64)>,
    /// The groups that count.
    groups: Vec<Uuid>,
}

/// Sorts cohorts: who is affected, who isn't, of whom it takes products to tell.
pub struct Judge<'a> {
    before: &'a Book,
    after: &'a Book,
    day: NaiveDate,
    /// The list whose prices would be others though the settings stay.
    list: Option<Uuid>,
    singles: HashMap<(Uuid, Uuid), bool>,
    offers: [HashMap<Uuid, Arc<Offers>>; 2],
    sights: [HashMap<Uuid, Arc<Sight>>; 2],
}

impl<'a> Judge<'a> {
    /// For a change from one book to another, on a day.
    pub fn new(before: &'a Book, after: &'a Book, day: NaiveDate, list: Option<Uuid>) -> Self {
        Self {
            before,
            after,
            day,
            list,
            singles: HashMap::new(),
            offers: [HashMap::new(), HashMap::new()],
            sights: [HashMap::new(), HashMap::new()],
        }
    }

    /// All cohorts; those for whom the same groups count are one.
    pub fn sort(&mut self, cohorts: &[Cohort]) -> Sorted {
        let mut pairs: HashMap<(Vec<Uuid>, Vec<Uuid>), (i64, bool)> = HashMap::new();
        for cohort in cohorts {
            let pair = (cohort.counting(self.before), cohort.counting(self.after));
            let (customers, guests) = pairs.entry(pair).or_default();
            *customers += cohort.customers;
            *guests |= cohort.customers == 0;
        }
        let mut sorted = Sorted::default();
        for ((before, after), (customers, guests)) in pairs {
            sorted.reached += customers;
            if self.single_differs(&before, &after) {
                sorted.affected += customers;
                sorted.guests |= guests;
                continue;
            }
            let prices = match self.prices_differ(&before, &after) {
                Some(true) => {
                    sorted.affected += customers;
                    sorted.guests |= guests;
                    continue;
                }
                Some(false) => false,
                None => true,
            };
            let sight = Some((self.sight(0, &before), self.sight(1, &after))).filter(|(was, is)| !same_sight(was, is));
            if prices || sight.is_some() {
                sorted.open.push(Open { before, after, customers, prices, sight });
            }
        }
        sorted
    }

    fn book(&self, side: usize) -> &'a Book {
        if side == 0 { self.before } else { self.after }
    }

    /// Whether terms, portal access or the minimum order would be others.
    fn single_differs(&mut self, before: &[Uuid], after: &[Uuid]) -> bool {
        let deciding = |groups: &[Uuid]| groups.first().copied().unwrap_or(ROOT_ID);
        let (was, is) = (deciding(before), deciding(after));
        let (old, new) = (self.before, self.after);
        *self.singles.entry((was, is)).or_insert_with(|| {
            match (effective(old.levels(), was), effective(new.levels(), is)) {
                (Some(old), Some(new)) => single(&old) != single(&new),
                _ => true,
            }
        })
    }

    /// Whether prices would be others; `None` where it takes products to tell.
    fn prices_differ(&mut self, before: &[Uuid], after: &[Uuid]) -> Option<bool> {
        let (was, is) = (self.all_offers(0, before), self.all_offers(1, after));
        let uses = |offers: &HashSet<Arc<Offers>>| {
            let mut lists = offers.iter().flat_map(|offers| &offers.levels).flat_map(|(_, _, lists)| lists);
            self.list.is_some_and(|list| lists.any(|other| other.id == list))
        };
        if uses(&was) || uses(&is) {
            return None;
        }
        if was == is {
            return Some(false);
        }
        let stacks = |offers: &HashSet<Arc<Offers>>| offers.iter().map(|offers| offers.stacks).collect::<HashSet<_>>();
        let highest = |offers: &HashSet<Arc<Offers>>| {
            offers.iter().map(|offers| offers.percent).collect::<Option<Vec<Decimal>>>()
        };
        match (highest(&was), highest(&is)) {
            // Percentages on everything: the highest one is what is paid.
            (Some(was_at), Some(is_at)) => {
                let most = |all: Vec<Decimal>| all.into_iter().max().unwrap_or_default();
                Some(most(was_at) != most(is_at) || stacks(&was) != stacks(&is))
            }
            _ if stacks(&was) != stacks(&is) => Some(true),
            _ => None,
        }
    }

    fn all_offers(&mut self, side: usize, groups: &[Uuid]) -> HashSet<Arc<Offers>> {
        let (book, day) = (self.book(side), self.day);
        let known = &mut self.offers[side];
        let of = |id: &Uuid| Arc::clone(known.entry(*id).or_insert_with(|| Arc::new(offers(book, *id, day))));
        groups.iter().map(of).collect()
    }

    fn sight(&mut self, side: usize, groups: &[Uuid]) -> Arc<Sight> {
        let book = self.book(side);
        let known = &mut self.sights[side];
        let mut of = |id: Uuid| Arc::clone(known.entry(id).or_insert_with(|| Arc::new(sight(book, id))));
        match groups {
            [] => of(ROOT_ID),
            [only] => of(*only),
            several => {
                let mut together = Sight::default();
                for one in several.iter().map(|id| of(*id)) {
                    together.all |= one.all;
                    together.sets.extend_from_slice(&one.sets);
                    together.included.extend_from_slice(&one.included);
                    together.excluded.extend_from_slice(&one.excluded);
                }
                together.groups = several.to_vec();
                Arc::new(together.tidy())
            }
        }
    }
}

impl Sight {
    /// The groups that count, All Customers where none does.
    pub fn groups(&self) -> &[Uuid] {
        &self.groups
    }

    fn tidy(mut self) -> Self {
        if self.all {
            self.sets.clear();
            self.included.clear();
        }
        self.sets.sort_unstable();
        self.sets.dedup();
        for levels in [&mut self.included, &mut self.excluded] {
            levels.sort_unstable();
            levels.dedup();
        }
        self
    }
}

/// Whether two forms are of the same products, whoever shows them.
fn same_sight(one: &Sight, other: &Sight) -> bool {
    let of = |sight: &Sight| (sight.all, sight.sets.clone(), sight.included.clone(), sight.excluded.clone());
    of(one) == of(other)
}

fn sight(book: &Book, group: Uuid) -> Sight {
    let mut found = Sight { groups: vec![group], ..Sight::default() };
    let mut restricts = false;
    for level in chain(book.levels(), group, Section::Visibility) {
        let own = &level.visibility;
        restricts |= own.access.is_some();
        match &own.access {
            Some(Access::All) => found.all = true,
            Some(Access::VisibilityGroups(sets)) => found.sets.extend(sets.iter().map(|set| set.id)),
            Some(Access::ChosenProducts) | None => {}
        }
        found.included.extend((own.included > 0).then_some((level.id, own.included)));
        found.excluded.extend((own.excluded > 0).then_some((level.id, own.excluded)));
    }
    found.all |= !restricts;
    found.tidy()
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
    use crate::inheritance::level::{Level, Levels};
    use crate::inheritance::own::{NamedSet, OwnPricing, OwnTerms, OwnVisibility, Setting};

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

    /// Who notices when group 1 changes: (affected, reached, still open).
    fn noticed(cohorts: &[(Option<u128>, &[u128])], change: impl Fn(&mut Level)) -> (i64, i64, usize) {
        let before = book();
        let mut level = before.level(id(1)).unwrap().clone();
        change(&mut level);
        let after = before.with([(id(1), Some(Arc::new(level)))]);
        let cohorts: Vec<Cohort> = cohorts
            .iter()
            .map(|(organization, own)| Cohort {
                organization: organization.map(id),
                own: own.iter().copied().map(id).collect(),
                customers: 1,
            })
            .collect();
        let sorted = Judge::new(&before, &after, day(), None).sort(&cohorts);
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
        for (says, cohort, change, expected) in [
            ("its primary group's terms", (None, &[1, 2][..]), net, (1, 1, 0)),
            ("another group decides the terms", (None, &[2, 1]), net, (0, 1, 0)),
            ("through the organization", (Some(1), &[2]), net, (1, 1, 0)),
            ("nothing changes", (None, &[1]), same, (0, 1, 0)),
            ("the only price", (None, &[1]), lower, (1, 1, 0)),
            ("another group's price is lower all the same", (None, &[1, 2]), lower, (0, 1, 0)),
            ("now it is the lowest", (None, &[2, 1]), higher, (1, 1, 0)),
            (
                "a group that stops, where another one has the better price and decides",
                (None, &[2, 1]),
                rests,
                (0, 1, 0),
            ),
            ("a group that stops and decided the terms", (None, &[1, 2]), rests, (1, 1, 0)),
            ("what is seen takes products to tell", (None, &[1]), sees, (0, 1, 1)),
            ("another group shows everything", (None, &[1, 2]), sees, (0, 1, 0)),
        ] {
            assert_eq!(noticed(&[cohort], change), expected, "{says}");
        }
    }

    #[test]
    fn prices_by_lists_and_categories_are_left_to_the_products() {
        let toys = Adjustment::Percentage {
            percent: Decimal::from(50),
            adds: false,
            scope: Scope::Categories(vec!["Toys".into()]),
        };
        assert_eq!(noticed(&[(None, &[1])], |level| level.pricing.adjustment = toys.clone()), (0, 1, 1));
    }
}
