//! The product list: what is asked for.

use crate::db::keyset::Place;
use crate::groups::group::Status;
use serde::Deserialize;
use uuid::Uuid;

/// What the list can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// SKU.
    #[default]
    Sku,
    /// Name, without case.
    Name,
    /// Category.
    Category,
    /// Base price.
    Price,
}

impl Sort {
    const ALL: [Sort; 4] = [Self::Sku, Self::Name, Self::Category, Self::Price];

    /// The name in the address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sku => "sku",
            Self::Name => "name",
            Self::Category => "category",
            Self::Price => "price",
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Part of a name or SKU, as typed.
    pub text: String,
    /// Only this category.
    pub category: Option<String>,
    /// Only this status.
    pub status: Option<Status>,
    /// By what.
    pub sort: Sort,
    /// The greatest first.
    pub descending: bool,
    /// Which page, by what it is sorted by and the id.
    pub place: Place<(String, Uuid)>,
}

/// The query part of the address. What it says wrongly is ignored: an old bookmark shows a list, not an error.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Params {
    /// Search text.
    #[serde(default)]
    pub q: String,
    /// Category.
    #[serde(default)]
    pub category: String,
    /// Status.
    #[serde(default)]
    pub status: String,
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

/// A search text as typed: without NUL, which PostgreSQL doesn't take, and not endless.
pub fn searched(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(120).collect::<String>().trim().to_owned()
}

impl From<Params> for Wanted {
    fn from(params: Params) -> Self {
        let (descending, column) = match params.sort.strip_prefix('-') {
            Some(column) => (true, column),
            None => (false, params.sort.as_str()),
        };
        let sort = Sort::ALL.into_iter().find(|sort| sort.name() == column);
        Self {
            text: searched(&params.q),
            category: Some(searched(&params.category)).filter(|category| !category.is_empty()),
            status: Status::from_name(&params.status),
            descending: descending && sort.is_some(),
            sort: sort.unwrap_or_default(),
            place: Place::of(&params.after, &params.before),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_wanted_and_nonsense_is_ignored() {
        let of = |query: &str| Wanted::from(serde_urlencoded::from_str::<Params>(query).unwrap());
        let expected = Wanted {
            text: "lamp".into(),
            category: Some("Home".into()),
            status: Some(Status::Inactive),
            sort: Sort::Price,
            descending: true,
            ..Wanted::default()
        };
        assert_eq!(of("q=+lamp&category=Home&status=inactive&sort=-price"), expected);
        assert_eq!(of("q=%00&category=+&status=x&sort=-;drop&after=AAAA"), Wanted::default());
    }
}
