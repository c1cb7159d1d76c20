//! The lists of promotions and of campaigns: what is asked for.

use super::window::Phase;
use crate::db::keyset::Place;
use crate::error::{Error, FieldError, Result};
use crate::products::listing::searched;
use serde::Deserialize;
use uuid::Uuid;

/// What is asked for. Lists stand by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Part of a name or code, as typed.
    pub text: String,
    /// Only those of this phase today, by its name.
    pub phase: Option<&'static str>,
    /// Which page, by name and id.
    pub place: Place<(String, Uuid)>,
}

/// The phase of a name.
pub fn phase(name: &str) -> Option<&'static str> {
    Phase::NAMES.iter().map(|(known, _)| *known).find(|known| *known == name)
}

/// The query part of the address. What it says wrongly is ignored: an old bookmark shows a list, not an error.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Params {
    /// Search text.
    #[serde(default)]
    pub q: String,
    /// Phase.
    #[serde(default)]
    pub status: String,
    /// Cursor of the row before the page.
    #[serde(default)]
    pub after: String,
    /// Cursor of the row after the page.
    #[serde(default)]
    pub before: String,
}

impl From<Params> for Wanted {
    fn from(params: Params) -> Self {
        Self {
            text: searched(&params.q),
            phase: phase(&params.status),
            place: Place::of(&params.after, &params.before),
        }
    }
}

/// What the parameters of a list call ask for.
///
/// # Errors
/// Every parameter that can't be taken, by its name.
pub fn asked(q: &str, status: Option<&str>, cursor: Option<&str>) -> Result<Wanted> {
    let mut errors = Vec::new();
    let wished = status.map(phase);
    if wished == Some(None) {
        errors.push(FieldError::new("status", "status is running, scheduled, ended or off."));
    }
    let cursor = cursor.unwrap_or_default();
    let place = Place::of(cursor, "");
    if !cursor.is_empty() && place == Place::Start {
        errors.push(FieldError::new("cursor", "Send the nextCursor of the page before, unchanged."));
    }
    if q.chars().count() > 120 || q.contains('\0') {
        errors.push(FieldError::new("q", "q is at most 120 characters, without the NUL character."));
    }
    if errors.is_empty() {
        Ok(Wanted { text: q.trim().to_owned(), phase: wished.flatten(), place })
    } else {
        Err(Error::Invalid(errors))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_wanted_and_nonsense_is_ignored() {
        let of = |query: &str| Wanted::from(serde_urlencoded::from_str::<Params>(query).unwrap());
        let expected = Wanted { text: "vip".into(), phase: Some("running"), ..Wanted::default() };
        assert_eq!(of("q=+vip&status=running"), expected);
        assert_eq!(of("q=%00&status=x&before=A"), Wanted::default());
    }
}
