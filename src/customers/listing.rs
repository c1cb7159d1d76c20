//! The customer list: what is asked for.

use super::customer::{PaymentHistory, Status};
use crate::db::keyset::{self, Place};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the list can be sorted by. Ties go by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Name, without case; of one name by code.
    #[default]
    Name,
    /// Lifetime purchases; who never bought stands last either way.
    Purchases,
    /// The day of the last order; who never ordered stands last either way.
    LastOrder,
    /// Customer since; where that is unknown it stands last either way.
    Since,
}

impl Sort {
    /// All, with their names in the address.
    const ALL: [(Sort, &'static str); 4] =
        [(Self::Name, "name"), (Self::Purchases, "purchases"), (Self::LastOrder, "last_order"), (Self::Since, "since")];

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(sort, _)| sort)
    }

    /// Whether a row could have this key.
    fn fits(self, key: Option<&str>) -> bool {
        match (self, key) {
            (Self::Name, key) => key.is_some(),
            (_, None) => true,
            (Self::Purchases, Some(key)) => key.parse::<i64>().is_ok(),
            (Self::LastOrder | Self::Since, Some(key)) => {
                key.parse::<NaiveDate>().is_ok_and(|day| (1..=9999).contains(&day.year()))
            }
        }
    }
}

/// A filter by purchases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purchases {
    /// Never completed an order.
    Never,
    /// Completed at least one.
    Some,
    /// Lifetime purchases of at least so many major units of the store's currency.
    AtLeast(i64),
}

impl Purchases {
    /// The amounts that the list offers, in major units.
    pub const AMOUNTS: [i64; 4] = [100, 1_000, 10_000, 100_000];

    fn from_name(name: &str) -> Option<Self> {
        match name {
            "none" => Some(Self::Never),
            "some" => Some(Self::Some),
            _ => name.parse().ok().filter(|amount| (1..=1_000_000_000).contains(amount)).map(Self::AtLeast),
        }
    }
}

/// A filter by payment history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paid {
    /// This rating.
    Rated(PaymentHistory),
    /// None is known.
    Unknown,
}

impl Paid {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "unknown" => Some(Self::Unknown),
            _ => PaymentHistory::from_name(name).map(Self::Rated),
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Rated(rating) => rating.label(),
            Self::Unknown => "Unknown",
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Part of a name, code or e-mail address, as typed. Of less than three letters it is the beginning of a word.
    pub text: String,
    /// Only this status.
    pub status: Option<Status>,
    /// Only this country, ISO 3166 alpha-2.
    pub country: Option<String>,
    /// Only members of this group.
    pub group: Option<Uuid>,
    /// Only those of this organization.
    pub organization: Option<Uuid>,
    /// Only those with this tag.
    pub tag: Option<String>,
    /// Only this payment history.
    pub paid: Option<Paid>,
    /// Only with these purchases.
    pub purchases: Option<Purchases>,
    /// By what.
    pub sort: Sort,
    /// The greatest first.
    pub descending: bool,
    /// Which page.
    pub place: Place<Key>,
}

/// The query part of the address. What it says wrongly is ignored: an old bookmark shows a list, not an error.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    /// Search text.
    pub q: String,
    /// Status.
    pub status: String,
    /// Country.
    pub country: String,
    /// Id of a group, and what stands in the field beside it.
    pub group: String,
    /// See `group`.
    pub group_text: String,
    /// Id of an organization, and what stands in the field beside it.
    pub organization: String,
    /// See `organization`.
    pub organization_text: String,
    /// A tag, exactly.
    pub tag: String,
    /// Payment history, or `unknown`.
    pub payment_history: String,
    /// `none`, `some`, or an amount in major units.
    pub purchases: String,
    /// Column; `-` before it for the greatest first.
    pub sort: String,
    /// Cursor of the row before the page.
    pub after: String,
    /// Cursor of the row after the page.
    pub before: String,
}

impl From<&Params> for Wanted {
    /// All but group and organization, which are looked for: see [`Asked`].
    fn from(params: &Params) -> Self {
        let (descending, column) = match params.sort.strip_prefix('-') {
            Some(column) => (true, column),
            None => (false, params.sort.as_str()),
        };
        let sort = Sort::from_name(column);
        let place = Place::of(&params.after, &params.before);
        let fits = place.key().is_none_or(|key: &Key| sort.unwrap_or_default().fits(key.key.as_deref()));
        Self {
            text: cut(&params.q, 120),
            status: Status::from_name(&params.status),
            country: super::country::code_of(&params.country).map(str::to_owned),
            group: None,
            organization: None,
            tag: Some(cut(&params.tag, 64)).filter(|tag| !tag.is_empty()),
            paid: Paid::from_name(&params.payment_history),
            purchases: Purchases::from_name(&params.purchases),
            descending: descending && sort.is_some(),
            sort: sort.unwrap_or_default(),
            place: if fits { place } else { Place::Start },
        }
    }
}

fn cut(text: &str, most: usize) -> String {
    let text: String = text.chars().filter(|c| *c != '\0').take(most).collect();
    text.trim().to_owned()
}

impl Wanted {
    /// Whether it asks for all customers.
    pub fn is_plain(&self) -> bool {
        self.text.is_empty()
            && self.status.is_none()
            && self.country.is_none()
            && self.group.is_none()
            && self.organization.is_none()
            && self.tag.is_none()
            && self.paid.is_none()
            && self.purchases.is_none()
    }
}

/// The sort key of a row, as an opaque text in the address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The value sorted by; `None` where there is none: such rows stand last.
    pub key: Option<String>,
    /// The customer.
    pub id: Uuid,
}

impl keyset::Key for Key {
    fn is_possible(&self) -> bool {
        self.key.as_ref().is_none_or(|key| !key.contains('\0'))
    }
}

/// Something that an address names by its id, and by the text that stands in its field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The id that was picked.
    pub id: Option<Uuid>,
    /// The text.
    pub text: Option<String>,
}

/// What is meant, once it was looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Meant {
    /// Nothing: no filter.
    #[default]
    Any,
    /// This one.
    One(Uuid, String),
    /// One that doesn't exist: nothing can match.
    Unknown(String),
}

impl Asked {
    /// What the two parameters say.
    pub fn of(id: &str, text: &str) -> Self {
        Self { id: Uuid::try_parse(id).ok(), text: Some(cut(text, 200)).filter(|text| !text.is_empty()) }
    }

    /// What is meant: the one that was picked, whose name is `picked`, unless another text was typed over it; `found`
    /// is what that text names.
    pub fn meant(&self, picked: Option<String>, found: Option<Uuid>) -> Meant {
        match (self.id, picked, &self.text) {
            (None, _, None) => Meant::Any,
            (Some(id), Some(name), None) => Meant::One(id, name),
            (Some(id), Some(name), Some(text)) if name == *text => Meant::One(id, name),
            (Some(_), None, None) => Meant::Unknown("one that doesn't exist".into()),
            (_, _, Some(text)) => match found {
                Some(id) => Meant::One(id, text.clone()),
                None => Meant::Unknown(text.clone()),
            },
        }
    }
}

impl Meant {
    /// The id to filter by.
    pub fn id(&self) -> Option<Uuid> {
        match self {
            Self::One(id, _) => Some(*id),
            Self::Any | Self::Unknown(_) => None,
        }
    }

    /// What stands in the field; empty for nothing.
    pub fn text(&self) -> &str {
        match self {
            Self::Any => "",
            Self::One(_, name) | Self::Unknown(name) => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::keyset::encode;

    fn of(query: &str) -> Wanted {
        Wanted::from(&serde_urlencoded::from_str::<Params>(query).unwrap())
    }

    #[test]
    fn an_address_says_what_is_wanted() {
        let wanted =
            of("q=+acme&status=blocked&country=de&tag=key&payment_history=unknown&purchases=1000&sort=-purchases");
        let expected = Wanted {
            text: "acme".into(),
            status: Some(Status::Blocked),
            country: Some("DE".into()),
            tag: Some("key".into()),
            paid: Some(Paid::Unknown),
            purchases: Some(Purchases::AtLeast(1000)),
            sort: Sort::Purchases,
            descending: true,
            ..Wanted::default()
        };
        assert_eq!(wanted, expected);
        assert!(!wanted.is_plain() && Wanted::default().is_plain());
        assert_eq!(of("payment_history=good").paid, Some(Paid::Rated(PaymentHistory::Good)));
        assert_eq!(
            (of("purchases=none").purchases, of("purchases=some").purchases),
            (Some(Purchases::Never), Some(Purchases::Some))
        );
    }

    #[test]
    fn nonsense_in_an_address_is_ignored() {
        let nonsense = of("q=%00&status=x&country=XX&payment_history=x&purchases=-5&sort=-;&after=AAA&before=%00&x=1");
        assert_eq!(nonsense, Wanted::default());
        assert_eq!(of("purchases=99999999999999999999").purchases, None);
    }

    #[test]
    fn a_cursor_of_another_order_is_none() {
        let id = Uuid::now_v7();
        for (sort, key, fits) in [
            ("name", Some("acme"), true),
            ("name", None, false),
            ("-purchases", Some("-500"), true),
            ("purchases", None, true),
            ("purchases", Some("acme"), false),
            ("since", Some("2024-02-30"), false),
            ("since", Some("-20000-01-01"), false),
            ("last_order", Some("2024-02-29"), true),
        ] {
            let key = Key { key: key.map(str::to_owned), id };
            let place = of(&format!("sort={sort}&after={}", encode(&key))).place;
            assert_eq!(place, if fits { Place::After(key.clone()) } else { Place::Start }, "{sort} {key:?}");
        }
    }

    #[test]
    fn the_picked_one_is_meant_unless_another_was_typed() {
        let (vip, gold) = (Uuid::now_v7(), Uuid::now_v7());
        let name = || Some("VIP".to_owned());
        for (id, text, picked, found, meant) in [
            ("", "", None, None, Meant::Any),
            ("nonsense", "", None, None, Meant::Any),
            (&vip.to_string(), "", name(), None, Meant::One(vip, "VIP".into())),
            (&vip.to_string(), "VIP", name(), None, Meant::One(vip, "VIP".into())),
            (&vip.to_string(), "Gold", name(), Some(gold), Meant::One(gold, "Gold".into())),
            ("", "Gold", None, Some(gold), Meant::One(gold, "Gold".into())),
            ("", "x", None, None, Meant::Unknown("x".into())),
            (&vip.to_string(), "", None, None, Meant::Unknown("one that doesn't exist".into())),
        ] {
            assert_eq!(Asked::of(id, text).meant(picked, found), meant, "{id} {text}");
        }
    }
}
