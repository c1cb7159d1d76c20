//! The price list: its fields, the rules that hold for them, and whether it prices anything on a day.

use crate::error::FieldError;
use crate::groups::group::Status;
use crate::money::Currency;
use crate::products::line;
use chrono::{Datelike, NaiveDate};

/// A price list's fields, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// 1–64 of `A–Z a–z 0–9 _ -`, unique; compares exactly.
    pub code: String,
    /// 1–120 characters.
    pub name: String,
    /// What its prices are in.
    pub currency: Currency,
    /// An inactive list prices nothing.
    pub status: Status,
    /// First store day on which it holds; `None` = open.
    pub valid_from: Option<NaiveDate>,
    /// Last store day on which it holds; `None` = open.
    pub valid_to: Option<NaiveDate>,
}

/// A price list's fields as typed or sent; days as `2026-03-01`, empty for an open end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
    /// ISO 4217 code.
    pub currency: String,
    /// `active` or `inactive`.
    pub status: String,
    /// First day.
    pub valid_from: String,
    /// Last day.
    pub valid_to: String,
}

impl From<&Details> for Typed {
    fn from(details: &Details) -> Self {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        Self {
            code: details.code.clone(),
            name: details.name.clone(),
            currency: details.currency.code().to_owned(),
            status: details.status.name().to_owned(),
            valid_from: day(details.valid_from),
            valid_to: day(details.valid_to),
        }
    }
}

impl Typed {
    /// Checks every field; all that is wrong is told at once.
    pub fn checked(&self) -> Result<Details, Vec<FieldError>> {
        let mut errors = Vec::new();
        let code = self.code.trim().to_owned();
        let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        if code.is_empty() {
            errors.push(FieldError::new("code", "Enter a code."));
        } else if code.len() > 64 || !code.bytes().all(good) {
            errors.push(FieldError::new("code", "Use 1 to 64 of the characters A–Z, a–z, 0–9, _ and -."));
        }
        let name = line::name("name", &self.name, 120).unwrap_or_else(|error| {
            errors.push(error);
            String::new()
        });
        let currency = Currency::from_code(self.currency.trim());
        if currency.is_none() {
            errors.push(FieldError::new("currency", "Choose an ISO 4217 currency such as USD or EUR."));
        }
        let status = Status::from_name(&self.status);
        if status.is_none() {
            errors.push(FieldError::new("status", "Choose active or inactive."));
        }
        let mut day = |field: &str, text: &str| {
            day(text).unwrap_or_else(|()| {
                errors.push(FieldError::new(field, "Enter a day such as 2026-03-01, or nothing for an open end."));
                None
            })
        };
        let (valid_from, valid_to) = (day("valid_from", &self.valid_from), day("valid_to", &self.valid_to));
        if let (Some(from), Some(to)) = (valid_from, valid_to)
            && to < from
        {
            let message = format!("The window ends before it begins. Choose {from} or a later day.");
            errors.push(FieldError::new("valid_to", message));
        }
        match (currency, status) {
            (Some(currency), Some(status)) if errors.is_empty() => {
                Ok(Details { code, name, currency, status, valid_from, valid_to })
            }
            _ => Err(errors),
        }
    }
}

/// A day of a window as typed; nothing for an open end.
#[allow(clippy::result_unit_err, reason = "each form says by itself what is wrong")]
pub fn day(text: &str) -> Result<Option<NaiveDate>, ()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let day: NaiveDate = text.parse().map_err(|_| ())?;
    if (1900..=9999).contains(&day.year()) { Ok(Some(day)) } else { Err(()) }
}

/// Whether a list prices anything on a store day, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// It does.
    InForce,
    /// It is inactive.
    Inactive,
    /// Its window begins on this day.
    NotYet(NaiveDate),
    /// Its window ended with this day.
    Expired(NaiveDate),
}

impl Force {
    /// The force of a list on a day.
    pub fn of(status: Status, from: Option<NaiveDate>, to: Option<NaiveDate>, day: NaiveDate) -> Self {
        match (from, to) {
            _ if status == Status::Inactive => Self::Inactive,
            (Some(from), _) if day < from => Self::NotYet(from),
            (_, Some(to)) if day > to => Self::Expired(to),
            _ => Self::InForce,
        }
    }

    /// Whether it prices anything.
    pub fn holds(self) -> bool {
        self == Self::InForce
    }

    /// For people.
    pub fn label(self) -> String {
        let day = |day: NaiveDate| day.format("%b %-d, %Y").to_string();
        match self {
            Self::InForce => "In force".into(),
            Self::Inactive => "Inactive".into(),
            Self::NotYet(from) => format!("From {}", day(from)),
            Self::Expired(to) => format!("Expired {}", day(to)),
        }
    }

    /// The icon beside it.
    pub fn icon(self) -> &'static str {
        match self {
            Self::InForce => "circle-check",
            Self::Inactive => "circle-minus",
            Self::NotYet(_) => "clock",
            Self::Expired(_) => "circle-x",
        }
    }

    /// The tone of the style sheet.
    pub fn tone(self) -> &'static str {
        match self {
            Self::InForce => "good",
            Self::Inactive => "quiet",
            Self::NotYet(_) => "info",
            Self::Expired(_) => "warn",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> Typed {
        Typed {
            code: " vip-pricing ".into(),
            name: "VIP  Price List".into(),
            currency: "USD".into(),
            status: "active".into(),
            valid_from: "2026-03-01".into(),
            valid_to: "2026-03-31".into(),
        }
    }

    #[test]
    fn what_was_typed_becomes_a_list_and_comes_back() {
        let details = typed().checked().unwrap();
        assert_eq!((details.code.as_str(), details.name.as_str()), ("vip-pricing", "VIP Price List"));
        assert_eq!(Typed::from(&details).checked().unwrap(), details);
        let open = Typed { valid_from: "".into(), valid_to: " ".into(), ..typed() }.checked().unwrap();
        assert_eq!((open.valid_from, open.valid_to), (None, None));
        let one_day = Typed { valid_to: "2026-03-01".into(), ..typed() };
        assert!(one_day.checked().is_ok());
    }

    #[test]
    fn every_wrong_field_is_named() {
        for (change, field) in [
            ((|t: &mut Typed| t.code = "".into()) as fn(&mut Typed), "code"),
            (|t| t.code = "a b".into(), "code"),
            (|t| t.code = "ü".into(), "code"),
            (|t| t.code = "x".repeat(65), "code"),
            (|t| t.name = " ".into(), "name"),
            (|t| t.name = "x".repeat(121), "name"),
            (|t| t.name = "a\0b".into(), "name"),
            (|t| t.currency = "usd".into(), "currency"),
            (|t| t.status = "gone".into(), "status"),
            (|t| t.valid_from = "soon".into(), "valid_from"),
            (|t| t.valid_from = "2026-02-30".into(), "valid_from"),
            (|t| t.valid_to = "0026-03-01".into(), "valid_to"),
            (|t| t.valid_to = "2026-02-28".into(), "valid_to"),
        ] {
            let mut typed = typed();
            change(&mut typed);
            let fields: Vec<_> = typed.checked().unwrap_err().into_iter().map(|error| error.field).collect();
            assert_eq!(fields, [field], "{typed:?}");
        }
    }

    #[test]
    fn a_list_holds_on_the_days_of_its_window_both_ends_in() {
        let day = |text: &str| Some(text.parse::<NaiveDate>().unwrap());
        for (status, from, to, today, label) in [
            (Status::Active, None, None, "2026-03-10", "In force"),
            (Status::Active, day("2026-03-10"), day("2026-03-10"), "2026-03-10", "In force"),
            (Status::Active, day("2026-03-11"), None, "2026-03-10", "From Mar 11, 2026"),
            (Status::Active, None, day("2026-03-09"), "2026-03-10", "Expired Mar 9, 2026"),
            (Status::Inactive, day("2026-03-11"), None, "2026-03-10", "Inactive"),
        ] {
            let force = Force::of(status, from, to, today.parse().unwrap());
            assert_eq!(force.label(), label);
            assert_eq!(force.holds(), label == "In force");
        }
    }
}
