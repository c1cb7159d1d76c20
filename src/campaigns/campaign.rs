//! A campaign's fields as people type them, and checked.

use crate::error::FieldError;
use crate::groups::group::Status;
use crate::products::line;
use crate::promotions::details::code;
use crate::promotions::window::Window;
use std::collections::HashMap;
use uuid::Uuid;

/// The most segments of a campaign, and the most promotions.
pub const MOST: usize = 500;

/// A campaign's fields, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// 1–64 of `A–Z a–z 0–9 _ -`, unique; compares exactly.
    pub code: String,
    /// 1–120 characters.
    pub name: String,
    /// An inactive campaign is off.
    pub status: Status,
    /// The days on which it holds.
    pub window: Window,
    /// The segments it is for, sorted; none = everyone.
    pub segments: Vec<Uuid>,
    /// Its promotions, sorted.
    pub promotions: Vec<Uuid>,
}

/// A campaign's fields as typed or sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
    /// `active` or `inactive`.
    pub status: String,
    /// First day.
    pub valid_from: String,
    /// Last day.
    pub valid_to: String,
    /// Segments by id or name.
    pub segments: Vec<String>,
    /// Promotions by id, code or name.
    pub promotions: Vec<String>,
}

/// What the texts mean that name something.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Segments.
    pub segments: HashMap<String, Uuid>,
    /// Promotions.
    pub promotions: HashMap<String, Uuid>,
}

impl Typed {
    /// Checks every field; all that is wrong is told at once.
    pub fn checked(&self, known: &Known) -> Result<Details, Vec<FieldError>> {
        let mut errors = Vec::new();
        let code = code(&self.code, &mut errors);
        let name = line::name("name", &self.name, 120).unwrap_or_else(|error| {
            errors.push(error);
            String::new()
        });
        let status = Status::from_name(&self.status);
        if status.is_none() {
            errors.push(FieldError::new("status", "Choose active or inactive."));
        }
        let window = Window::read(&self.valid_from, &self.valid_to, &mut errors);
        let segments = read("segments", "segment", &self.segments, &known.segments, &mut errors);
        let promotions = read("promotions", "promotion", &self.promotions, &known.promotions, &mut errors);
        match status {
            Some(status) if errors.is_empty() => Ok(Details { code, name, status, window, segments, promotions }),
            _ => Err(errors),
        }
    }
}

fn read(
    field: &str,
    noun: &str,
    typed: &[String],
    known: &HashMap<String, Uuid>,
    errors: &mut Vec<FieldError>,
) -> Vec<Uuid> {
    if typed.len() > MOST {
        errors.push(FieldError::new(field, format!("Choose at most {MOST} {noun}s.")));
        return Vec::new();
    }
    let mut ids = Vec::new();
    for text in typed.iter().map(|text| text.trim()) {
        match known.get(text) {
            Some(id) => ids.push(*id),
            None => errors.push(FieldError::new(field, unknown(noun, text))),
        }
    }
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// What is told of a text that names nothing.
pub fn unknown(noun: &str, text: &str) -> String {
    format!("There is no {noun} “{text}”. Choose one of the suggestions.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named() {
        let known = Known {
            segments: HashMap::from([("Buyers".into(), Uuid::from_u128(1))]),
            promotions: HashMap::from([("TEN".into(), Uuid::from_u128(2))]),
        };
        let good = Typed {
            code: "SPRING".into(),
            name: "Spring".into(),
            status: "active".into(),
            segments: vec!["Buyers".into(), " Buyers ".into()],
            promotions: vec!["TEN".into()],
            ..Typed::default()
        };
        let details = good.checked(&known).unwrap();
        assert_eq!((details.segments.len(), details.promotions.len()), (1, 1));
        for (typed, field) in [
            (Typed { code: "a b".into(), ..good.clone() }, "code"),
            (Typed { name: "".into(), ..good.clone() }, "name"),
            (Typed { status: "".into(), ..good.clone() }, "status"),
            (Typed { valid_from: "2026-03-02".into(), valid_to: "2026-03-01".into(), ..good.clone() }, "valid_to"),
            (Typed { segments: vec!["None".into()], ..good.clone() }, "segments"),
            (Typed { promotions: vec!["Buyers".into()], ..good.clone() }, "promotions"),
            (Typed { promotions: vec!["TEN".into(); 501], ..good.clone() }, "promotions"),
        ] {
            let errors = typed.checked(&known).unwrap_err();
            assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), [field]);
        }
    }
}
