//! The customer: its fields and the rules that hold for them (SPEC 1).

use super::country;
use crate::error::FieldError;
use crate::groups::group::has_unseen;
use crate::organizations::organization::{UNSEEN, check_code, check_name, single_spaced};
use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

/// The most tags of a customer.
pub const MOST_TAGS: usize = 100;

/// Whether a customer may order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// It may.
    #[default]
    Active,
    /// It doesn't at present.
    Inactive,
    /// It must not.
    Blocked,
}

impl Status {
    /// All, in the order of the form.
    pub const ALL: [Status; 3] = [Self::Active, Self::Inactive, Self::Blocked];

    /// The stored name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Blocked => "blocked",
        }
    }

    /// The status of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
            Self::Blocked => "Blocked",
        }
    }
}

/// How well a customer has paid so far; where it isn't known, there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PaymentHistory {
    /// The worst.
    Poor,
    /// Now and then late.
    Fair,
    /// Mostly in time.
    Good,
    /// Always in time.
    Excellent,
}

impl PaymentHistory {
    /// All, the best first.
    pub const ALL: [PaymentHistory; 4] = [Self::Excellent, Self::Good, Self::Fair, Self::Poor];

    /// The stored name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Poor => "poor",
            Self::Fair => "fair",
            Self::Good => "good",
            Self::Excellent => "excellent",
        }
    }

    /// The rating of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rating| rating.name() == name)
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Poor => "Poor",
            Self::Fair => "Fair",
            Self::Good => "Good",
            Self::Excellent => "Excellent",
        }
    }
}

/// The fields of a customer, before and after checking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// 1–64 characters, unique, compared exactly.
    pub code: String,
    /// 1–200 characters.
    pub name: String,
    /// Up to 254 characters, not unique.
    pub email: Option<String>,
    /// Whether it may order.
    pub status: Status,
    /// ISO 3166 alpha-2.
    pub country: Option<String>,
    /// Up to 120 characters.
    pub region: Option<String>,
    /// Since when it is a customer, a store day.
    pub customer_since: Option<NaiveDate>,
    /// `None` = unknown.
    pub payment_history: Option<PaymentHistory>,
    /// The organization that it buys for.
    pub organization_id: Option<Uuid>,
    /// Up to 100 of 1–64 characters, no `;`, each once.
    pub tags: Vec<String>,
}

impl Details {
    /// Trims what people leave around a value, and checks each field by itself.
    ///
    /// # Errors
    /// Every field that can't be taken.
    pub fn checked(mut self) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut refuse = |field: &str, message: &str| errors.push(FieldError::new(field, message));
        self.code = self.code.trim().to_owned();
        if let Err(message) = check_code(&self.code) {
            refuse("code", message);
        }
        self.name = single_spaced(&self.name);
        if let Err(message) = check_name(&self.name) {
            refuse("name", message);
        }
        self.email = filled(self.email);
        if let Some(Err(message)) = self.email.as_deref().map(check_email) {
            refuse("email", message);
        }
        self.country = filled(self.country);
        if let Some(text) = &self.country {
            match country::code_of(text) {
                Some(code) => self.country = Some(code.to_owned()),
                None => refuse("country", "Choose a country by its two letters, such as DE."),
            }
        }
        self.region = self.region.as_deref().map(single_spaced).filter(|text| !text.is_empty());
        if let Some(Err(message)) = self.region.as_deref().map(|text| check_line(text, 120)) {
            refuse("region", message);
        }
        if self.customer_since.is_some_and(|day| !(1900..=2200).contains(&day.year())) {
            refuse("customer_since", "Enter a day between 1900 and 2200.");
        }
        let tags = std::mem::take(&mut self.tags);
        self.tags = tags.iter().map(|tag| single_spaced(tag)).filter(|tag| !tag.is_empty()).collect();
        let mut seen = std::collections::HashSet::new();
        self.tags.retain(|tag| seen.insert(tag.clone()));
        if let Err(message) = check_tags(&self.tags) {
            refuse("tags", message);
        }
        if errors.is_empty() { Ok(self) } else { Err(errors) }
    }
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn check_line(text: &str, most: usize) -> Result<(), &'static str> {
    match text.chars().count() {
        count if count > most => Err("Use at most 120 characters."),
        _ if has_unseen(text) => Err(UNSEEN),
        _ => Ok(()),
    }
}

/// As far as a slip can be told from an address.
fn check_email(text: &str) -> Result<(), &'static str> {
    let (name, host) = text.rsplit_once('@').unwrap_or_default();
    let fits = !name.is_empty() && !host.is_empty() && !text.contains(char::is_whitespace) && !has_unseen(text);
    match () {
        () if !fits => Err("Enter an e-mail address such as ann@example.com, or nothing."),
        () if text.chars().count() > 254 => Err("Use at most 254 characters."),
        () => Ok(()),
    }
}

fn check_tags(tags: &[String]) -> Result<(), &'static str> {
    match () {
        () if tags.len() > MOST_TAGS => Err("Use at most 100 tags."),
        () if tags.iter().any(|tag| tag.chars().count() > 64) => Err("Use at most 64 characters for a tag."),
        () if tags.iter().any(|tag| tag.contains(';')) => {
            Err("Leave out the semicolon within a tag: it separates tags in imports.")
        }
        () if tags.iter().any(|tag| has_unseen(tag)) => Err(UNSEEN),
        () => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> Details {
        Details { code: "C-1".into(), name: "Acme".into(), ..Details::default() }
    }

    fn wrong(details: Details) -> Vec<String> {
        details.checked().map_or_else(|errors| errors.into_iter().map(|e| e.field).collect(), |_| Vec::new())
    }

    #[test]
    fn fields_are_trimmed_and_kept() {
        let typed = Details {
            code: " c-1 ".into(),
            name: " Acme \t Corp ".into(),
            email: Some(" a@b ".into()),
            country: Some("de".into()),
            region: Some("  ".into()),
            tags: vec![" a  b ".into(), "".into(), "a b".into(), "c".into()],
            ..Details::default()
        };
        let got = typed.checked().unwrap();
        assert_eq!((got.code.as_str(), got.name.as_str(), got.email.as_deref()), ("c-1", "Acme Corp", Some("a@b")));
        assert_eq!((got.country.as_deref(), got.region, got.tags), (Some("DE"), None, vec!["a b".into(), "c".into()]));
    }

    #[test]
    fn every_field_has_a_limit() {
        let text = |n: usize| "ä".repeat(n);
        for (details, fields) in [
            (plain(), &[][..]),
            (Details { code: text(64), name: text(200), ..plain() }, &[]),
            (Details { code: String::new(), name: " ".into(), ..plain() }, &["code", "name"]),
            (Details { code: text(65), name: text(201), ..plain() }, &["code", "name"]),
            (Details { code: "a\u{200b}".into(), name: "a\u{7}b".into(), ..plain() }, &["code", "name"]),
            (Details { email: Some("nobody".into()), ..plain() }, &["email"]),
            (Details { email: Some("@x".into()), ..plain() }, &["email"]),
            (Details { email: Some("a b@x".into()), ..plain() }, &["email"]),
            (Details { email: Some(format!("{}@x", text(253))), ..plain() }, &["email"]),
            (Details { country: Some("XX".into()), region: Some(text(121)), ..plain() }, &["country", "region"]),
            (Details { customer_since: NaiveDate::from_ymd_opt(1899, 12, 31), ..plain() }, &["customer_since"]),
            (Details { tags: (0..100).map(|n| n.to_string()).collect(), ..plain() }, &[]),
            (Details { tags: (0..101).map(|n| n.to_string()).collect(), ..plain() }, &["tags"]),
            (Details { tags: vec![text(65)], ..plain() }, &["tags"]),
            (Details { tags: vec!["a;b".into()], ..plain() }, &["tags"]),
        ] {
            assert_eq!(wrong(details.clone()), fields, "{details:?}");
        }
    }

    #[test]
    fn names_of_choices_come_back() {
        assert!(Status::ALL.iter().all(|status| Status::from_name(status.name()) == Some(*status)));
        assert!(PaymentHistory::ALL.iter().all(|rating| PaymentHistory::from_name(rating.name()) == Some(*rating)));
        assert!(PaymentHistory::Poor < PaymentHistory::Excellent);
    }
}
