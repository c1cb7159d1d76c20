//! One condition, and whether a customer's facts meet it (SPEC 5).

use super::facts::{Actual, Facts};
use super::field::{Field, Op};
use crate::money::Currency;
use rust_decimal::Decimal;
use std::cmp::Ordering;
use uuid::Uuid;

/// A typed condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What it asks about.
    pub field: Field,
    /// How it compares.
    pub op: Op,
    /// With what: nothing for `is_empty` and `is_not_empty`, two for `between`, one or more for `in` and `not_in`,
    /// otherwise one.
    pub values: Vec<Operand>,
}

/// A value that a condition compares with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// Minor units of the store's currency.
    Money(i64),
    /// A count, months or days.
    Integer(i64),
    /// Payment history.
    Level(Level),
    /// Text, compared exactly.
    Text(String),
    /// A number that metadata is compared with: at most 15 digits before and 12 behind the point.
    Number(Decimal),
    /// A group.
    Group(GroupName),
}

/// A group that a rule refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupName {
    /// Its id.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name; empty where it was deleted since.
    pub name: String,
}

/// Payment history, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Poor.
    Poor,
    /// Fair.
    Fair,
    /// Good.
    Good,
    /// Excellent.
    Excellent,
}

impl Level {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [Self::Poor, Self::Fair, Self::Good, Self::Excellent];

    /// The stored name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Poor => "poor",
            Self::Fair => "fair",
            Self::Good => "good",
            Self::Excellent => "excellent",
        }
    }

    /// The level of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }

    /// Its place, from 0.
    pub fn rank(self) -> i64 {
        self as i64
    }
}

/// The statuses of a customer.
pub const STATUSES: [&str; 3] = ["active", "inactive", "blocked"];

/// What became of a condition for one customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Pass,
    /// It doesn't hold.
    Fail,
    /// It doesn't hold, as the customer lacks the value.
    Missing,
}

impl Verdict {
    /// Whether the condition holds.
    pub fn passes(self) -> bool {
        self == Self::Pass
    }
}

/// Decides one condition for one customer.
pub fn judge(condition: &Condition, facts: &Facts) -> Verdict {
    let actual = facts.actual(&condition.field);
    let is_missing = matches!(actual, Actual::Missing);
    let holds = match condition.op {
        Op::IsEmpty => is_missing || actual.is_empty_set(),
        Op::IsNotEmpty => !is_missing && !actual.is_empty_set(),
        _ if is_missing => return Verdict::Missing,
        Op::Eq | Op::In => condition.values.iter().any(|value| has(&actual, value)),
        Op::Ne | Op::NotIn => !condition.values.iter().any(|value| has(&actual, value)),
        Op::Gt => is(&actual, condition, Ordering::is_gt),
        Op::Gte => is(&actual, condition, Ordering::is_ge),
        Op::Lt => is(&actual, condition, Ordering::is_lt),
        Op::Lte => is(&actual, condition, Ordering::is_le),
        Op::Between => match condition.values.as_slice() {
            [low, high] => {
                compare(&actual, low).is_some_and(Ordering::is_ge)
                    && compare(&actual, high).is_some_and(Ordering::is_le)
            }
            _ => false,
        },
        Op::Contains => texts(&actual, condition, |text, part| text.contains(part)),
        Op::StartsWith => texts(&actual, condition, |text, part| text.starts_with(part)),
    };
    match (holds, is_missing) {
        (true, _) => Verdict::Pass,
        (false, true) => Verdict::Missing,
        (false, false) => Verdict::Fail,
    }
}

/// Whether a value is the operand, or a set has it.
fn has(actual: &Actual, operand: &Operand) -> bool {
    match (actual, operand) {
        (Actual::Tags(tags), Operand::Text(text)) => tags.contains(text),
        (Actual::Groups(groups), Operand::Group(group)) => groups.contains(&group.id),
        _ => compare(actual, operand).is_some_and(Ordering::is_eq),
    }
}

fn is(actual: &Actual, condition: &Condition, wanted: fn(Ordering) -> bool) -> bool {
    condition.values.first().and_then(|value| compare(actual, value)).is_some_and(wanted)
}

/// How a value compares with an operand; `None` where the two are of different kinds: metadata that is text has no
/// place among numbers.
fn compare(actual: &Actual, operand: &Operand) -> Option<Ordering> {
    match (actual, operand) {
        (Actual::Money(amount), Operand::Money(other)) => Some(amount.cmp(other)),
        // net / orders against the amount, without dividing.
        (Actual::Average { net, orders }, Operand::Money(other)) => {
            Some(i128::from(*net).cmp(&(i128::from(*other) * i128::from(*orders))))
        }
        (Actual::Integer(number), Operand::Integer(other)) => Some(number.cmp(other)),
        (Actual::Level(level), Operand::Level(other)) => Some(level.cmp(other)),
        (Actual::Text(text) | Actual::Scalar { text, .. }, Operand::Text(other)) => Some(text.cmp(other)),
        (Actual::Scalar { number, .. }, Operand::Number(other)) => number.map(|number| number.cmp(other)),
        _ => None,
    }
}

fn texts(actual: &Actual, condition: &Condition, wanted: fn(&str, &str) -> bool) -> bool {
    let Some(Operand::Text(part)) = condition.values.first() else { return false };
    match actual {
        Actual::Text(text) | Actual::Scalar { text, .. } => wanted(text, part),
        Actual::Tags(tags) => tags.iter().any(|tag| wanted(tag, part)),
        _ => false,
    }
}

/// How far a value is from meeting the condition, in words: `$1,250.00 short`. Nothing where that can't be measured.
pub fn distance(condition: &Condition, facts: &Facts, currency: Currency) -> Option<String> {
    let actual = facts.actual(&condition.field);
    let bound = match (condition.op, condition.values.as_slice()) {
        (Op::Gt | Op::Gte | Op::Lt | Op::Lte | Op::Eq, [bound]) => bound,
        (Op::Between, [low, high]) => match compare(&actual, low)? {
            Ordering::Less => low,
            _ => high,
        },
        _ => return None,
    };
    let side = if compare(&actual, bound)?.is_lt() { "short" } else { "too much" };
    match (&actual, bound) {
        (Actual::Money(amount), Operand::Money(bound)) if amount == bound => Some("exactly at the limit".into()),
        (Actual::Money(amount), Operand::Money(bound)) => {
            Some(format!("{} {side}", currency.format((bound.saturating_sub(*amount)).saturating_abs())))
        }
        (Actual::Average { .. }, Operand::Money(bound)) => {
            let gap = actual.average()?.saturating_sub(*bound).saturating_abs();
            Some(if gap == 0 { "exactly at the limit".into() } else { format!("{} {side}", currency.format(gap)) })
        }
        (Actual::Integer(number), Operand::Integer(bound)) if number == bound => Some("exactly at the limit".into()),
        (Actual::Integer(number), Operand::Integer(bound)) => {
            let gap = crate::money::format_count(bound.saturating_sub(*number).saturating_abs());
            let unit = match condition.field {
                Field::AccountAgeMonths => " months",
                Field::DaysSinceLastOrder => " days",
                _ => "",
            };
            Some(format!("{gap}{unit} {side}"))
        }
        (Actual::Level(level), Operand::Level(bound)) if level == bound => Some("exactly at the limit".into()),
        (Actual::Level(level), Operand::Level(bound)) => {
            let steps = (level.rank() - bound.rank()).abs();
            Some(format!("{steps} {} {side}", if steps == 1 { "step" } else { "steps" }))
        }
        (Actual::Scalar { number: Some(number), .. }, Operand::Number(bound)) => {
            let gap = (number - bound).abs().normalize();
            Some(if gap.is_zero() { "exactly at the limit".into() } else { format!("{gap} {side}") })
        }
        _ => None,
    }
}
