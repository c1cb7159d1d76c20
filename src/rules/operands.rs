//! The values of conditions: from JSON to their types.

use super::condition::{GroupName, Level, Operand, STATUSES};
use super::facts::plain_number;
use super::field::{Field, Kind, Op};
use super::parse::Reader;
use crate::groups::group::has_unseen;
use serde_json::Value;
use uuid::Uuid;

/// The most characters of a text in a condition.
pub(super) const TEXT_CHARACTERS: usize = 200;
/// The most values of `in` and `not_in`.
pub(super) const MOST_VALUES: usize = 100;
/// The greatest count, in either direction.
const MOST_COUNT: i64 = 1_000_000_000;

impl Reader<'_> {
    /// The values of a condition, typed.
    pub(super) fn values(&mut self, kind: Kind, op: Op, value: Option<&Value>) -> Option<Vec<Operand>> {
        let given = value.filter(|value| !value.is_null());
        if op.takes_nothing() {
            return match given {
                None => Some(Vec::new()),
                Some(_) => self.wrong("value", format!("{} takes no value. Leave it out.", op.name())),
            };
        }
        let Some(value) = given else { return self.wrong("value", format!("Enter a value: {}.", wanted(kind))) };
        if !op.takes_list() {
            return Some(vec![self.operand(kind, op, value)?]);
        }
        let Some(list) = value.as_array() else {
            let many = if op == Op::Between { "two values, from and to" } else { "one value or more" };
            return self.wrong("value", format!("{} takes a list of {many}.", op.name()));
        };
        let good = if op == Op::Between { list.len() == 2 } else { (1..=MOST_VALUES).contains(&list.len()) };
        if !good {
            let many =
                if op == Op::Between { "two values, from and to".into() } else { format!("1 to {MOST_VALUES} values") };
            return self.wrong("value", format!("{} takes a list of {many}.", op.name()));
        }
        let values = list.iter().map(|value| self.operand(kind, op, value)).collect::<Option<Vec<_>>>()?;
        if op == Op::Between && is_upside_down(&values) {
            return self.wrong("value", "The first value is above the second. Turn them round.");
        }
        Some(values)
    }

    fn operand(&mut self, kind: Kind, op: Op, value: &Value) -> Option<Operand> {
        let read = match kind {
            Kind::Money => return self.money(value),
            Kind::Integer => whole(value).filter(|n| n.abs() <= MOST_COUNT).map(Operand::Integer),
            Kind::Level => value.as_str().and_then(Level::from_name).map(Operand::Level),
            Kind::Status => {
                value.as_str().filter(|text| STATUSES.contains(text)).map(|text| Operand::Text(text.into()))
            }
            Kind::Text | Kind::Tags => text(value).map(Operand::Text),
            Kind::Scalar => {
                let number = if let Value::Number(number) = value { plain_number(&number.to_string()) } else { None };
                match op {
                    Op::Gt | Op::Gte | Op::Lt | Op::Lte | Op::Between => {
                        let Some(number) = number else {
                            return self.wrong("value", "Enter a number; text has no more and less.");
                        };
                        Some(Operand::Number(number))
                    }
                    Op::Contains | Op::StartsWith => text(value).map(Operand::Text),
                    _ => number.map(Operand::Number).or_else(|| text(value).map(Operand::Text)),
                }
            }
            Kind::Group => return self.group(value),
        };
        match read {
            Some(operand) => Some(operand),
            None => self.wrong("value", format!("Enter {}.", wanted(kind))),
        }
    }

    fn money(&mut self, value: &Value) -> Option<Operand> {
        let Some(text) = value.as_str() else {
            return self.wrong("value", format!("Enter {}.", wanted(Kind::Money)));
        };
        match self.context.currency.parse_written(text) {
            Ok(minor) => Some(Operand::Money(minor)),
            Err(error) => self.wrong("value", format!("The amount {error}.")),
        }
    }

    fn group(&mut self, value: &Value) -> Option<Operand> {
        let Some(text) = value.as_str().map(str::trim).filter(|text| !text.is_empty()) else {
            return self.wrong("value", format!("Enter {}.", wanted(Kind::Group)));
        };
        let id = Uuid::try_parse(text).ok();
        let known = self.context.groups.iter().find(|group| Some(group.id) == id || group.code == text);
        match (known, id) {
            (Some(group), _) if Some(group.id) == self.context.own => {
                self.wrong("value", "A rule can't refer to the group that it fills. Choose another group.")
            }
            (Some(group), _) if group.id == crate::groups::group::ROOT_ID => {
                self.wrong("value", "Everybody is in All Customers, and nobody by hand. Choose another group.")
            }
            (Some(group), _) => Some(Operand::Group(group.clone())),
            (None, Some(id)) if self.context.is_stored => {
                Some(Operand::Group(GroupName { id, code: String::new(), name: String::new() }))
            }
            (None, _) => {
                let shown: String = text.chars().take(60).collect();
                self.wrong(
                    "value",
                    format!("There is no group “{shown}”, or it was deleted. Enter the code of a group."),
                )
            }
        }
    }
}

/// Countries are written in capitals and domains in small letters, whichever way they are typed.
pub(super) fn spelled(field: &Field, value: &mut Operand) {
    match (field, value) {
        (Field::Country, Operand::Text(text)) => text.make_ascii_uppercase(),
        (Field::EmailDomain, Operand::Text(text)) => text.make_ascii_lowercase(),
        _ => {}
    }
}

/// Why no customer can have this value, whatever is imported.
pub(super) fn never_matches(field: &Field, op: Op, value: &Operand) -> Option<&'static str> {
    let (Operand::Text(text), false) = (value, matches!(op, Op::Contains | Op::StartsWith)) else { return None };
    match field {
        Field::Country if text.len() != 2 || !text.bytes().all(|b| b.is_ascii_uppercase()) => {
            Some("Enter a country by its two letters, such as DE or US.")
        }
        Field::EmailDomain if text.contains('@') || text.contains(char::is_whitespace) => {
            Some("Enter what comes after the @, such as example.com.")
        }
        _ => None,
    }
}

fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::Money => "an amount as a decimal string like \"1250.00\"",
        Kind::Integer => "a whole number up to 1,000,000,000",
        Kind::Level => "poor, fair, good or excellent",
        Kind::Status => "active, inactive or blocked",
        Kind::Text | Kind::Tags => "a text of 1 to 200 characters that can be seen",
        Kind::Scalar => "a text of 1 to 200 characters, or a number of up to 15 digits and 12 decimals",
        Kind::Group => "the id or code of a group",
    }
}

/// A JSON number without a fraction.
fn whole(value: &Value) -> Option<i64> {
    if let Value::Number(number) = value { number.to_string().parse().ok() } else { None }
}

fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    ((1..=TEXT_CHARACTERS).contains(&text.chars().count()) && !has_unseen(text)).then(|| text.to_owned())
}

fn is_upside_down(values: &[Operand]) -> bool {
    match values {
        [Operand::Money(low), Operand::Money(high)] | [Operand::Integer(low), Operand::Integer(high)] => low > high,
        [Operand::Level(low), Operand::Level(high)] => low > high,
        [Operand::Number(low), Operand::Number(high)] => low > high,
        _ => false,
    }
}
