//! The list of visibility groups: what is asked for.

use crate::db::keyset::Place;
use crate::products::listing::searched;
use serde::Deserialize;
use uuid::Uuid;

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Part of a name, as typed.
    pub text: String,
    /// By how many products, instead of by name.
    pub by_products: bool,
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
        Self {
            text: searched(&params.q),
            by_products: column == "products",
            descending: descending && ["name", "products"].contains(&column),
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
        let expected = Wanted { text: "vip".into(), by_products: true, descending: true, place: Place::Start };
        assert_eq!(of("q=vip&sort=-products"), expected);
        assert_eq!(of("q=%00&sort=-size&after=x"), Wanted::default());
    }
}
