//! The list of price lists: what is asked for.

use crate::db::keyset::Place;
use crate::groups::group::Status;
use crate::money::Currency;
use crate::products::listing::searched;
use serde::Deserialize;
use uuid::Uuid;

/// What the list can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Name, without case.
    #[default]
    Name,
    /// How many prices it has.
    Entries,
    /// Currency.
    Currency,
    /// Active before inactive.
    Status,
}

impl Sort {
    const ALL: [Sort; 4] = [Self::Name, Self::Entries, Self::Currency, Self::Status];

    /// The name in the address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Entries => "entries",
            Self::Currency => "currency",
            Self::Status => "status",
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Part of a name or code, as typed.
    pub text: String,
    /// Only this status.
    pub status: Option<Status>,
    /// Only this currency.
    pub currency: Option<Currency>,
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
    /// Status.
    #[serde(default)]
    pub status: String,
    /// Currency.
    #[serde(default)]
    pub currency: String,
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
        let sort = Sort::ALL.into_iter().find(|sort| sort.name() == column);
        Self {
            text: searched(&params.q),
            status: Status::from_name(&params.status),
            currency: Currency::from_code(&params.currency),
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
            text: "vip".into(),
            status: Some(Status::Active),
            currency: Currency::from_code("EUR"),
            sort: Sort::Entries,
            descending: true,
            ..Wanted::default()
        };
        assert_eq!(of("q=+vip&status=active&currency=EUR&sort=-entries"), expected);
        assert_eq!(of("q=%00&status=x&currency=euro&sort=-code&before=A"), Wanted::default());
    }
}
