//! Why a customer doesn't get a discount: what the trace and the groups say, in the order in which one would look (SPEC 9,
//! the seed's "Customer not getting discount").

use super::ancestry::{ancestry, passed_over};
use super::asking::{Buyer, Priced};
use super::trace::{Offer, Step, Verdict};
use crate::clock::long_day;
use crate::inheritance::counting::Cause;
use crate::inheritance::level::Level;
use crate::money::Currency;
use crate::visibility::sight::Reason;
use chrono::NaiveDate;
use uuid::Uuid;

/// Where one looks, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Is the customer in the group?
    Assignment,
    /// What do the groups' pricing rules say?
    Rules,
    /// Is the product left out?
    Exclusions,
    /// Do the lists hold on this day?
    Dates,
}

impl Check {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Assignment, Self::Rules, Self::Exclusions, Self::Dates];

    /// The heading.
    pub fn label(self) -> &'static str {
        match self {
            Self::Assignment => "Group assignment",
            Self::Rules => "Pricing rules of the groups",
            Self::Exclusions => "Product exclusions",
            Self::Dates => "Dates",
        }
    }
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It keeps the discount away.
    Cause,
    /// Worth knowing.
    Note,
    /// As it should be.
    Fine,
}

/// Where it can be mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mend {
    /// The customer's page.
    Customer,
    /// The customer's organization's group: on the customer's page, which links it.
    Organization,
    /// A group's page.
    Group(Uuid),
    /// Who is in a group, with the way in.
    Membership(Uuid),
    /// A group's pricing.
    Pricing(Uuid),
    /// What a group sees.
    Visibility(Uuid),
    /// A price list.
    List(Uuid),
    /// The product.
    Product,
    /// What a group inherits.
    Inheritance(Uuid),
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub check: Check,
    /// How much it matters.
    pub weight: Weight,
    /// What, as a sentence.
    pub sentence: String,
    /// Where it can be mended.
    pub mend: Option<Mend>,
}

pub(super) fn finding(check: Check, weight: Weight, sentence: impl Into<String>, mend: Option<Mend>) -> Finding {
    Finding { check, weight, sentence: sentence.into(), mend }
}

/// What keeps a discount away. `expected` is the group whose discount is missed, where somebody says so.
pub fn findings(
    buyer: &Buyer,
    priced: &Priced<'_>,
    expected: Option<&Level>,
    currency: Currency,
    day: NaiveDate,
) -> Vec<Finding> {
    let mut found = assignment(buyer, expected);
    found.extend(rules(buyer, priced, currency));
    found.extend(ancestry(buyer, expected));
    found.extend(exclusions(priced));
    found.extend(dates(priced, day));
    found
}

fn assignment(buyer: &Buyer, expected: Option<&Level>) -> Vec<Finding> {
    let check = Check::Assignment;
    let who = buyer.customer.as_ref().map_or("A guest", |customer| customer.name.as_str());
    let mut found = Vec::new();
    for group in &buyer.counting.left_out {
        let (name, mend) = (&group.name, Some(Mend::Group(group.id)));
        found.push(match &group.cause {
            Cause::OrganizationDecides(organization) => finding(
                check,
                Weight::Cause,
                format!(
                    "{who} is in {name}, but it doesn't count: the group of the organization {organization} decides alone."
                ),
                Some(Mend::Organization),
            ),
            Cause::Inactive => {
                finding(check, Weight::Cause, format!("{who} is in {name}, but the group is inactive."), mend)
            }
            Cause::Deleted => {
                finding(check, Weight::Cause, format!("{who} is in {name}, but the group was deleted."), mend)
            }
            Cause::OrganizationsGroupRests(organization) => finding(
                check,
                Weight::Cause,
                format!("{name} is the group of the organization {organization}, but it is inactive or deleted."),
                mend,
            ),
        });
    }
    let ladder = buyer.ladder();
    let reached = expected.is_none_or(|level| ladder.groups().contains(&level.id));
    let told = |level: &Level| buyer.counting.left_out.iter().any(|group| group.id == level.id);
    match expected {
        Some(level) if !level.counts => found.push(finding(
            check,
            Weight::Cause,
            format!("{} is inactive: it prices nothing, neither for its members nor for its subgroups.", level.name),
            Some(Mend::Group(level.id)),
        )),
        Some(level) if passed_over(buyer, level) => {}
        Some(level) if !reached && !told(level) => found.push(finding(
            check,
            Weight::Cause,
            format!("{who} isn't in {}, nor in a group that inherits its prices.", level.name),
            Some(Mend::Membership(level.id)),
        )),
        _ => {}
    }
    if buyer.counting.groups.is_empty() {
        let sentence = format!("{who} is in no group that counts, so base prices hold.");
        found.push(finding(check, Weight::Cause, sentence, buyer.customer.as_ref().map(|_| Mend::Customer)));
    }
    let counted = buyer.counting.groups.iter().map(|group| {
        let sentence = format!("{} counts: {}.", group.name, lower_first(&group.reason.sentence()));
        finding(check, Weight::Fine, sentence, Some(Mend::Group(group.id)))
    });
    found.extend(counted);
    found
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn rules(buyer: &Buyer, priced: &Priced<'_>, currency: Currency) -> Vec<Finding> {
    let mut found = Vec::new();
    let steps = &priced.resolution.trace;
    for group in &buyer.counting.groups {
        let says = steps.iter().any(|step| step.group.is_some_and(|level| level.id == group.id));
        if !says {
            let sentence = format!("{} has no price list and no discount, own or inherited.", group.name);
            found.push(finding(Check::Rules, Weight::Cause, sentence, Some(Mend::Pricing(group.id))));
        }
    }
    for step in steps.iter().filter(|step| holds(priced, step)) {
        let weight = match step.verdict {
            Verdict::Won if !matches!(step.offer, Offer::Base) => match lowers(priced, step) {
                true => Weight::Fine,
                false => Weight::Cause,
            },
            Verdict::ListInactive | Verdict::OtherCurrency(_) | Verdict::QuantityBelow(_) | Verdict::NotLower => {
                Weight::Cause
            }
            Verdict::NoPrice(_) | Verdict::NoBasePrice(_) => Weight::Cause,
            Verdict::NoEntry
            | Verdict::EarlierList
            | Verdict::ListDecides
            | Verdict::HigherPrice
            | Verdict::SamePrice
                if step.group.is_some() =>
            {
                Weight::Note
            }
            _ => continue,
        };
        found.push(finding(Check::Rules, weight, step.sentence(currency), mend(step)));
    }
    if found.is_empty() {
        found.push(finding(Check::Rules, Weight::Note, "No pricing rule of a group was in question.", None));
    }
    found
}

/// Whether a list that is looked at has the product at all; everything else does.
fn holds(priced: &Priced<'_>, step: &Step<'_>) -> bool {
    match step.offer {
        Offer::List { list, .. } => {
            step.verdict == Verdict::NoEntry || !priced.ware.product.entries_of(list.id).is_empty()
        }
        _ => true,
    }
}

fn lowers(priced: &Priced<'_>, step: &Step<'_>) -> bool {
    priced.resolution.base_price.zip(step.price).is_none_or(|(base, price)| price < base)
}

fn mend(step: &Step<'_>) -> Option<Mend> {
    match step.offer {
        Offer::List { list, .. } => Some(Mend::List(list.id)),
        _ => step.level.map(|level| Mend::Pricing(level.id)),
    }
}

fn exclusions(priced: &Priced<'_>) -> Vec<Finding> {
    let check = Check::Exclusions;
    let name = &priced.ware.product.name;
    let mut found = Vec::new();
    for step in priced.resolution.trace.iter().filter(|step| step.verdict == Verdict::OutOfScope) {
        let whose = step.level.map_or("", |level| level.name.as_str());
        let sentence = format!("The discount of {whose} is for other products than {name}.");
        found.push(finding(check, Weight::Cause, sentence, mend(step)));
    }
    if !priced.ware.product.active {
        found.push(finding(
            check,
            Weight::Cause,
            format!("{name} is inactive: nobody can buy it."),
            Some(Mend::Product),
        ));
    }
    if !priced.sight.visible {
        for (group, reason) in priced.sight.reasons.iter().filter(|(_, reason)| !reason.shows()) {
            let source = match reason {
                Reason::Excluded(level) => level.id,
                _ => group.id,
            };
            let sentence = format!("{}.", reason.words(&group.name));
            found.push(finding(check, Weight::Cause, sentence, Some(Mend::Visibility(source))));
        }
    }
    if found.is_empty() {
        found.push(finding(check, Weight::Fine, format!("{name} is excluded nowhere."), None));
    }
    found
}

fn dates(priced: &Priced<'_>, day: NaiveDate) -> Vec<Finding> {
    let mut found = Vec::new();
    for step in &priced.resolution.trace {
        // A list without the product wouldn't price it on any day.
        let Offer::List { list, .. } = step.offer else { continue };
        if !holds(priced, step) {
            continue;
        }
        let sentence = match (list.valid_from, list.valid_to) {
            (_, Some(to)) if to < day => format!("The price list {} expired after {}.", list.name, long_day(to)),
            (Some(from), _) if from > day => {
                format!("The price list {} is valid from {} only.", list.name, long_day(from))
            }
            _ => continue,
        };
        // Another list may decide before its dates are looked at.
        let decides = matches!(step.verdict, Verdict::Expired(_) | Verdict::NotYetValid(_));
        let weight = if decides { Weight::Cause } else { Weight::Note };
        found.push(finding(Check::Dates, weight, sentence, Some(Mend::List(list.id))));
    }
    if found.is_empty() {
        let sentence = format!(
            "On {} every price list of the customer's groups that has the product is within its dates.",
            long_day(day)
        );
        found.push(finding(Check::Dates, Weight::Fine, sentence, None));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::asking::{Person, Ware};
    use super::super::facts::{Entry, Product, Question};
    use super::*;
    use crate::groups::group::Assignment;
    use crate::inheritance::book::Book;
    use crate::inheritance::counting::{Group, Membership, Organization, Standing, State, which_groups_count};
    use crate::inheritance::own::{Adjustment, AssignedList, OwnPricing, Scope};
    use crate::visibility::sight::Shown;
    use chrono::{DateTime, Utc};
    use chrono_tz::Tz;
    use rust_decimal::Decimal;
    use std::sync::Arc;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 10).unwrap()
    }

    /// Group 1, Retail, prices nothing; group 2, VIP, takes 15% off; group 3, Bronze, off toys; group 4, Wholesale, has a list
    /// that ended yesterday.
    fn book() -> Book {
        let group = |n: u128, name: &str, pricing: OwnPricing| {
            let level =
                Level { id: id(n), code: name.into(), name: name.into(), counts: true, pricing, ..Level::default() };
            (id(n), Arc::new(level))
        };
        let off = |scope| OwnPricing {
            adjustment: Adjustment::Percentage { percent: Decimal::new(1_500, 2), adds: false, scope },
            ..OwnPricing::default()
        };
        let list = AssignedList {
            id: id(100),
            code: "OLD".into(),
            name: "Old".into(),
            priority: 1,
            active: true,
            currency: Currency::USD,
            valid_from: None,
            valid_to: day().pred_opt(),
        };
        let listed = OwnPricing { adjustment: Adjustment::PriceLists, lists: vec![list], ..OwnPricing::default() };
        Book::new(
            [
                group(1, "Retail", OwnPricing::default()),
                group(2, "VIP", off(Scope::All)),
                group(3, "Bronze", off(Scope::Categories(vec!["Toys".into()]))),
                group(4, "Wholesale", listed),
            ]
            .into(),
        )
    }

    /// What is found as a cause for Ann, who is in these groups and whose organization has this one.
    fn causes(own: &[u128], organization: Option<u128>, expected: Option<u128>) -> Vec<(Check, String, Option<Mend>)> {
        let entry = Entry { list_id: id(100), min_quantity: 1, price: 100 };
        let pen = Product::new(id(60), "Pen", 10_000, Currency::USD).with_entries(vec![entry]);
        causes_of(own, organization, expected, &pen)
    }

    /// The same for this product.
    fn causes_of(
        own: &[u128],
        organization: Option<u128>,
        expected: Option<u128>,
        product: &Product,
    ) -> Vec<(Check, String, Option<Mend>)> {
        let book = Arc::new(book());
        let group = |n: u128| {
            let level = book.level(id(n)).unwrap();
            Group { id: level.id, code: level.code.clone(), name: level.name.clone(), state: State::Active }
        };
        let member = |n: &u128| Membership {
            group: group(*n),
            since: DateTime::<Utc>::UNIX_EPOCH,
            assignment: Assignment::Manual,
            is_primary: false,
        };
        let standing = Standing {
            organization: organization.map(|n| Organization { id: id(9), name: "Acme".into(), group: Some(group(n)) }),
            memberships: own.iter().map(member).collect(),
        };
        let buyer = Buyer {
            customer: Some(Person { id: id(50), code: "A".into(), name: "Ann".into(), active: true }),
            counting: which_groups_count(&standing),
            book: Arc::clone(&book),
            currency: Currency::USD,
            zone: Tz::UTC,
        };
        let ware = Ware { product: product.clone(), shown: Shown::default() };
        let question = Question { quantity: 1, day: day(), currency: Currency::USD };
        let priced = buyer.prices([(&ware, 1)], &question);
        let expected = expected.and_then(|n| book.level(id(n)));
        findings(&buyer, &priced[0], expected, Currency::USD, day())
            .into_iter()
            .filter(|found| found.weight == Weight::Cause)
            .map(|found| (found.check, found.sentence, found.mend))
            .collect()
    }

    #[test]
    fn each_cause_is_named_with_the_way_to_mend_it() {
        let nothing = "Retail has no price list and no discount, own or inherited.";
        for (own, organization, expected, check, sentence, mend) in [
            (&[1][..], None, None, Check::Rules, nothing, Mend::Pricing(id(1))),
            (
                &[1],
                None,
                Some(2),
                Check::Assignment,
                "Ann isn't in VIP, nor in a group that inherits its prices.",
                Mend::Membership(id(2)),
            ),
            (
                &[2],
                Some(1),
                Some(2),
                Check::Assignment,
                "Ann is in VIP, but it doesn't count: the group of the organization Acme decides alone.",
                Mend::Organization,
            ),
            (
                &[],
                None,
                None,
                Check::Assignment,
                "Ann is in no group that counts, so base prices hold.",
                Mend::Customer,
            ),
            (
                &[3],
                None,
                None,
                Check::Exclusions,
                "The discount of Bronze is for other products than Pen.",
                Mend::Pricing(id(3)),
            ),
            (&[4], None, None, Check::Dates, "The price list Old expired after March 9, 2026.", Mend::List(id(100))),
        ] {
            let found = causes(own, organization, expected);
            assert!(found.contains(&(check, sentence.into(), Some(mend))), "{own:?} {organization:?}: {found:?}");
        }
        // Who gets the discount misses nothing.
        assert_eq!(causes(&[2], None, Some(2)), []);
        // A list without the product is no cause, whatever its dates.
        let told = |own: &[u128]| causes_of(own, None, None, &Product::new(id(60), "Ink", 10_000, Currency::USD));
        assert!(told(&[4]).iter().all(|(check, ..)| *check != Check::Dates), "{:?}", told(&[4]));
        // What is told once is not told again.
        assert_eq!(causes(&[2], Some(1), Some(2)).iter().filter(|(check, ..)| *check == Check::Assignment).count(), 1);
    }
}
