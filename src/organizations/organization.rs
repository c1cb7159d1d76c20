//! The organization, a buying company: its fields and the rules that hold for them (SPEC 1).

use crate::error::FieldError;
use crate::groups::group::has_unseen;
use uuid::Uuid;

/// The fields of an organization, before and after checking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// 1–64 characters, unique, compared exactly.
    pub code: String,
    /// 1–200 characters.
    pub name: String,
    /// The organization above it. It says nothing about groups (SPEC 6).
    pub parent_id: Option<Uuid>,
    /// The group that decides for its customers.
    pub group_id: Option<Uuid>,
}

impl Details {
    /// Trims what people leave around a value, and checks each field by itself.
    ///
    /// # Errors
    /// Every field that can't be taken.
    pub fn checked(mut self) -> Result<Self, Vec<FieldError>> {
        self.code = self.code.trim().to_owned();
        self.name = single_spaced(&self.name);
        let checks = [("code", check_code(&self.code)), ("name", check_name(&self.name))];
        let errors: Vec<FieldError> =
            checks.into_iter().filter_map(|(field, check)| Some(FieldError::new(field, check.err()?))).collect();
        if errors.is_empty() { Ok(self) } else { Err(errors) }
    }
}

/// A text of one line with single spaces between its words.
pub fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is said of characters that can't be seen.
pub const UNSEEN: &str = "Remove the characters that can't be shown.";

/// A code of a customer or an organization.
///
/// # Errors
/// The sentence for its field.
pub fn check_code(code: &str) -> Result<(), &'static str> {
    match code.chars().count() {
        0 => Err("Enter a code."),
        65.. => Err("Use at most 64 characters."),
        _ if has_unseen(code) => Err(UNSEEN),
        _ => Ok(()),
    }
}

/// A name of a customer or an organization.
///
/// # Errors
/// The sentence for its field.
pub fn check_name(name: &str) -> Result<(), &'static str> {
    match name.chars().count() {
        0 => Err("Enter a name."),
        201.. => Err("Use at most 200 characters."),
        _ if has_unseen(name) => Err(UNSEEN),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_have_limits() {
        let wrong = |code: &str, name: &str| -> Vec<String> {
            let details = Details { code: code.into(), name: name.into(), ..Details::default() };
            details.checked().map_or_else(|errors| errors.into_iter().map(|e| e.field).collect(), |_| Vec::new())
        };
        let long = "ä".repeat(201);
        for (code, name, fields) in [
            ("a/1 x", "Acme  GmbH & Co.", &[][..]),
            (" ", "", &["code", "name"]),
            (&"x".repeat(65), &long, &["code", "name"]),
            ("a\tb", "a\u{202e}b", &["code", "name"]),
        ] {
            assert_eq!(wrong(code, name), fields, "{code:?} {name:?}");
        }
    }
}
