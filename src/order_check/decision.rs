//! What becomes of an order: approval, minimum order, credit, and what early payment saves (SPEC 9).

use crate::inheritance::effective::Effective;
use crate::inheritance::own::{MinimumOrder, PaymentMethod};
use crate::money::{Currency, format_count};
use crate::pricing::discount::less_percent;
use chrono::{Days, NaiveDate};

/// An order as far as it decides. Minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// The customer is active; a guest has no status that could stand in the way.
    pub is_active: bool,
    /// Lines that the customer can't see.
    pub hidden: usize,
    /// Lines that nothing prices in the order's currency.
    pub unpriced: usize,
    /// Σ group price × quantity of the lines that count, before promotions.
    pub subtotal: i64,
    /// Units of the lines that count.
    pub units: i64,
    /// What the customer pays, shipping included.
    pub total: i64,
    /// What the customer owes already.
    pub open_balance: i64,
    /// Whether it is in the store's currency, in which limits are.
    pub in_store_currency: bool,
    /// The store day of the order.
    pub day: NaiveDate,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// How it is approved.
    pub approval: Approval,
    /// Whether it reaches the minimum order.
    pub minimum: Minimum,
    /// What is left of the credit limit before this order; `None` without a limit. Negative where more is owed.
    pub credit_left: Option<i64>,
    /// What paying early saves; `None` where it isn't offered.
    pub early: Option<Early>,
}

/// How an order is approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Approval {
    /// It can't be placed.
    Refused(Vec<Refusal>),
    /// Somebody must approve it.
    Needed(Vec<Need>),
    /// By itself.
    Automatic,
}

/// Why an order can't be placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The customer is inactive or blocked.
    NotActive,
    /// The terms don't let the customer order.
    OrderingOff,
    /// The minimum order isn't reached.
    BelowMinimum,
    /// So many lines aren't visible.
    Hidden(usize),
    /// So many lines have no price.
    Unpriced(usize),
}

/// Why somebody must approve an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The total is at or above this limit.
    AtLimit(i64),
    /// On net terms, this much more than the credit left would be owed.
    OverCredit(i64),
    /// There are limits, in another currency.
    OtherCurrency,
}

/// Whether an order reaches its minimum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Minimum {
    /// Minor units that are missing.
    pub amount: i64,
    /// Units that are missing.
    pub units: i64,
}

impl Minimum {
    /// Whether nothing is missing.
    pub fn is_met(self) -> bool {
        self.amount == 0 && self.units == 0
    }
}

/// What paying early saves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Early {
    /// Minor units off the total.
    pub saves: i64,
    /// The last store day on which it holds.
    pub until: NaiveDate,
}

impl Approval {
    /// The name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Needed(_) => "needed",
            Self::Automatic => "automatic",
        }
    }

    /// Why, as sentences.
    pub fn sentences(&self, currency: Currency) -> Vec<String> {
        match self {
            Self::Refused(why) => why.iter().map(|why| why.sentence()).collect(),
            Self::Needed(why) => why.iter().map(|why| why.sentence(currency)).collect(),
            Self::Automatic => Vec::new(),
        }
    }
}

impl Refusal {
    fn sentence(self) -> String {
        let lines = |n: usize| format_count(i64::try_from(n).unwrap_or(i64::MAX));
        match self {
            Self::NotActive => "The customer is not active.".into(),
            Self::OrderingOff => "Order placement is switched off for the customer.".into(),
            Self::BelowMinimum => "The minimum order isn't reached.".into(),
            Self::Hidden(1) => "The customer can't see one of the products.".into(),
            Self::Hidden(n) => format!("The customer can't see {} of the products.", lines(n)),
            Self::Unpriced(1) => "One of the products has no price in this currency.".into(),
            Self::Unpriced(n) => format!("{} of the products have no price in this currency.", lines(n)),
        }
    }
}

impl Need {
    fn sentence(self, currency: Currency) -> String {
        match self {
            Self::AtLimit(limit) => {
                format!("Orders are approved automatically under {} only.", currency.format(limit))
            }
            Self::OverCredit(over) => {
                format!("On net terms it would exceed the credit left by {}.", currency.format(over))
            }
            Self::OtherCurrency => {
                "The limits are in the store's currency, and the order is in another one: somebody has to compare them."
                    .into()
            }
        }
    }
}

/// Decides on an order with the terms that hold for the customer.
pub fn decide(order: &Order, terms: &Effective) -> Decision {
    let minimum = minimum(order, terms.minimum_order.value);
    let credit_left = terms.credit_limit.value.map(|limit| limit.saturating_sub(order.open_balance));
    let mut refused = Vec::new();
    let mut refuse = |holds: bool, why: Refusal| {
        if holds {
            refused.push(why);
        }
    };
    refuse(!order.is_active, Refusal::NotActive);
    refuse(!terms.orders.value, Refusal::OrderingOff);
    refuse(!minimum.is_met(), Refusal::BelowMinimum);
    refuse(order.hidden > 0, Refusal::Hidden(order.hidden));
    refuse(order.unpriced > 0, Refusal::Unpriced(order.unpriced));
    let approval = if refused.is_empty() { needs(order, terms, credit_left) } else { Approval::Refused(refused) };
    let early = terms.offered_early_payment().and_then(|early| {
        let days = Days::new(u64::try_from(early.days).unwrap_or_default());
        let saves = order.total - less_percent(order.total, early.percent);
        Some(Early { saves, until: order.day.checked_add_days(days)? })
    });
    Decision { approval, minimum, credit_left, early }
}

fn minimum(order: &Order, minimum: Option<MinimumOrder>) -> Minimum {
    let Some(minimum) = minimum else { return Minimum::default() };
    let amount = minimum.amount.filter(|_| order.in_store_currency).map_or(0, |amount| amount - order.subtotal);
    let units = minimum.quantity.map_or(0, |quantity| i64::from(quantity) - order.units);
    Minimum { amount: amount.max(0), units: units.max(0) }
}

fn needs(order: &Order, terms: &Effective, credit_left: Option<i64>) -> Approval {
    let limit = terms.auto_approve_under.value;
    let credit = credit_left.filter(|_| terms.methods.value.contains(&PaymentMethod::NetTerms));
    let mut needs = Vec::new();
    if !order.in_store_currency {
        let minimum = terms.minimum_order.value.and_then(|minimum| minimum.amount);
        let has_limits = limit.is_some() || credit.is_some() || minimum.is_some();
        return if has_limits { Approval::Needed(vec![Need::OtherCurrency]) } else { Approval::Automatic };
    }
    needs.extend(limit.filter(|limit| order.total >= *limit).map(Need::AtLimit));
    needs.extend(credit.map(|left| order.total.saturating_sub(left)).filter(|over| *over > 0).map(Need::OverCredit));
    if needs.is_empty() { Approval::Automatic } else { Approval::Needed(needs) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inheritance::effective::effective;
    use crate::inheritance::level::{Level, Levels};
    use crate::inheritance::own::{EarlyPayment, Setting};
    use std::sync::Arc;
    use uuid::Uuid;

    fn terms(change: impl FnOnce(&mut Level)) -> Effective {
        let mut level = Level { id: Uuid::from_u128(1), counts: true, ..Level::default() };
        change(&mut level);
        effective(&Levels::from([(level.id, Arc::new(level))]), Uuid::from_u128(1)).unwrap()
    }

    /// Net terms with these limits.
    fn limits(auto: Option<i64>, credit: Option<i64>) -> Effective {
        let setting = |limit: Option<i64>| limit.map_or(Setting::Unset, Setting::Value);
        terms(|level| {
            level.terms.methods = Some(vec![PaymentMethod::Card, PaymentMethod::NetTerms]);
            level.terms.auto_approve_under = setting(auto);
            level.terms.credit_limit = setting(credit);
        })
    }

    fn order() -> Order {
        Order {
            is_active: true,
            hidden: 0,
            unpriced: 0,
            subtotal: 10_000,
            units: 3,
            total: 10_000,
            open_balance: 0,
            in_store_currency: true,
            day: "2026-03-10".parse().unwrap(),
        }
    }

    #[test]
    fn refused_orders_say_every_reason() {
        use Refusal::*;
        let off = terms(|level| level.portal.orders = Some(false));
        let at_least = |amount, quantity| {
            terms(move |level| level.pricing.minimum_order = Setting::Value(MinimumOrder { amount, quantity }))
        };
        for (order, terms, refused) in [
            (order(), terms(|_| {}), vec![]),
            (Order { is_active: false, ..order() }, terms(|_| {}), vec![NotActive]),
            (order(), off.clone(), vec![OrderingOff]),
            (order(), at_least(Some(10_000), None), vec![]),
            (order(), at_least(Some(10_001), None), vec![BelowMinimum]),
            (order(), at_least(None, Some(3)), vec![]),
            (order(), at_least(None, Some(4)), vec![BelowMinimum]),
            // Measured before promotions: the total doesn't matter.
            (Order { total: 1, ..order() }, at_least(Some(10_000), None), vec![]),
            (Order { hidden: 2, ..order() }, terms(|_| {}), vec![Hidden(2)]),
            (Order { is_active: false, hidden: 1, ..order() }, off, vec![NotActive, OrderingOff, Hidden(1)]),
            (Order { unpriced: 1, ..order() }, terms(|_| {}), vec![Unpriced(1)]),
        ] {
            let approval = decide(&order, &terms).approval;
            let expected = if refused.is_empty() { Approval::Automatic } else { Approval::Refused(refused) };
            assert_eq!(approval, expected, "{order:?}");
        }
        // An amount in another currency is neither below the minimum nor above it.
        let abroad = Order { in_store_currency: false, ..order() };
        let undecided = decide(&abroad, &at_least(Some(99_999), None)).approval;
        assert_eq!(undecided, Approval::Needed(vec![Need::OtherCurrency]));
        assert_eq!(decide(&abroad, &at_least(None, Some(3))).approval, Approval::Automatic);
        let missing = decide(&order(), &at_least(Some(12_500), Some(5))).minimum;
        assert_eq!(missing, Minimum { amount: 2_500, units: 2 });
    }

    #[test]
    fn approval_is_needed_at_the_limit_and_over_the_credit() {
        use Need::*;
        for (says, auto, credit, balance, needs) in [
            ("an unset limit never triggers", None, None, 999_999, vec![]),
            ("under the limit", Some(10_001), None, 0, vec![]),
            ("at the limit", Some(10_000), None, 0, vec![AtLimit(10_000)]),
            ("a limit of 0", Some(0), None, 0, vec![AtLimit(0)]),
            ("credit left is just enough", None, Some(15_000), 5_000, vec![]),
            ("one cent over", None, Some(15_000), 5_001, vec![OverCredit(1)]),
            ("a credit limit of 0 is a limit of 0", None, Some(0), 0, vec![OverCredit(10_000)]),
            ("both", Some(1), Some(0), 0, vec![AtLimit(1), OverCredit(10_000)]),
        ] {
            let order = Order { open_balance: balance, ..order() };
            let approval = decide(&order, &limits(auto, credit)).approval;
            let expected = if needs.is_empty() { Approval::Automatic } else { Approval::Needed(needs) };
            assert_eq!(approval, expected, "{says}");
        }
        // Who doesn't buy on net terms needs no credit.
        let card = terms(|level| level.terms.credit_limit = Setting::Value(0));
        assert_eq!(decide(&order(), &card).approval, Approval::Automatic);
        let abroad = Order { in_store_currency: false, ..order() };
        assert_eq!(decide(&abroad, &limits(Some(1), None)).approval, Approval::Needed(vec![OtherCurrency]));
        assert_eq!(decide(&abroad, &limits(None, None)).approval, Approval::Automatic);
        let left = decide(&Order { open_balance: 12_000, ..order() }, &limits(None, Some(10_000))).credit_left;
        assert_eq!(left, Some(-2_000));
    }

    #[test]
    fn early_payment_saves_until_a_day() {
        let two_ten = EarlyPayment { percent: "2.00".parse().unwrap(), days: 10 };
        let card = terms(|level| level.terms.early_payment = Setting::Value(two_ten));
        // Who pays by card pays at once.
        assert_eq!(decide(&order(), &card).early, None);
        let terms = terms(|level| {
            level.terms.methods = Some(vec![PaymentMethod::Wire, PaymentMethod::NetTerms]);
            level.terms.early_payment = Setting::Value(two_ten);
        });
        let early = decide(&Order { total: 12_345, ..order() }, &terms).early.unwrap();
        // 2% of 123.45 is 2.469: what is left, 120.981, rounds to 120.98.
        assert_eq!(early, Early { saves: 247, until: "2026-03-20".parse().unwrap() });
    }
}
