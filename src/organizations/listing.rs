//! The organization list: what is asked for.

use crate::db::keyset::Place;
use serde::Deserialize;
use uuid::Uuid;

/// What the list can be sorted by. Ties go by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Name, without case.
    #[default]
    Name,
    /// Code, exactly.
    Code,
}

/// The key of a row: what it is sorted by, and its id.
pub type Key = (String, Uuid);

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Part of a name or code, as typed.
    pub text: String,
    /// With a group of their own that decides (`true`), or without one.
    pub has_group: Option<bool>,
    /// Only those directly under this one.
    pub parent: Option<Uuid>,
    /// Only those whose group this is.
    pub group: Option<Uuid>,
    /// By what.
    pub sort: Sort,
    /// The greatest first.
    pub descending: bool,
    /// Which page.
    pub place: Place<Key>,
}

/// The query part of the address. What it says wrongly is ignored: an old bookmark shows a list, not an error.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Params {
    /// Search text.
    #[serde(default)]
    pub q: String,
    /// `with` or `without` a group.
    #[serde(default)]
    pub grouped: String,
    /// Id of the organization above.
    #[serde(default)]
    pub parent: String,
    /// Id of the group.
    #[serde(default)]
    pub group: String,
    /// Column; `-` before it for the greatest first.
    #[serde(default)]
    pub sort: String,
    /// Cursor of the row before the page.
    #[serde(default)]
    pub after: String,
    /// Cursor of the row after the page.
    #[serde(default)]
    pub before: String,
}

impl From<Params> for Wanted {
    fn from(params: Params) -> Self {
        let (descending, column) = match params.sort.strip_prefix('-') {
            Some(column) => (true, column),
            None => (false, params.sort.as_str()),
        };
        let sort = match column {
            "name" => Some(Sort::Name),
            "code" => Some(Sort::Code),
            _ => None,
        };
        let text: String = params.q.chars().filter(|c| *c != '\0').take(120).collect();
        Self {
            text: text.trim().to_owned(),
            has_group: match params.grouped.as_str() {
                "with" => Some(true),
                "without" => Some(false),
                _ => None,
            },
            parent: Uuid::try_parse(&params.parent).ok(),
            group: Uuid::try_parse(&params.group).ok(),
            descending: descending && sort.is_some(),
            sort: sort.unwrap_or_default(),
            place: Place::of(&params.after, &params.before),
        }
    }
}

impl Wanted {
    /// Whether it asks for all organizations.
    pub fn is_plain(&self) -> bool {
        self.text.is_empty() && self.has_group.is_none() && self.parent.is_none() && self.group.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_wanted_and_nonsense_is_ignored() {
        let of = |query: &str| Wanted::from(serde_urlencoded::from_str::<Params>(query).unwrap());
        let id = Uuid::now_v7();
        let wanted = of(&format!("q=+acme%00&grouped=without&parent={id}&sort=-code"));
        let expected = Wanted {
            text: "acme".into(),
            has_group: Some(false),
            parent: Some(id),
            sort: Sort::Code,
            descending: true,
            ..Wanted::default()
        };
        assert_eq!(wanted, expected);
        assert!(!wanted.is_plain());
        assert_eq!(of("grouped=x&parent=1&sort=-;&after=%%%&group=all"), Wanted::default());
    }
}
