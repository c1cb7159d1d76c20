//! The group list: what is asked for.

use super::group::{GroupType, Status};
use crate::db::keyset::{Key, Place};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the list can be sorted by. Ties go by name, then by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Name, without case.
    #[default]
    Name,
    /// Own members.
    Customers,
    /// Active before inactive.
    Status,
    /// Automatic, hybrid, manual.
    Type,
}

impl Sort {
    /// All, in the order of the columns.
    pub const ALL: [Sort; 4] = [Self::Name, Self::Customers, Self::Status, Self::Type];

    /// The name in the address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Customers => "customers",
            Self::Status => "status",
            Self::Type => "type",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == name)
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Part of a name or code, as typed.
    pub text: String,
    /// Only this status.
    pub status: Option<Status>,
    /// Only this type.
    pub kind: Option<GroupType>,
    /// Deleted groups instead of live ones.
    pub deleted: bool,
    /// By what.
    pub sort: Sort,
    /// The greatest first.
    pub descending: bool,
    /// Which page.
    pub place: Place<Cursor>,
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
    /// Type.
    #[serde(default, rename = "type")]
    pub kind: String,
    /// `1` for deleted groups.
    #[serde(default)]
    pub deleted: String,
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
        let sort = Sort::from_name(column);
        let text: String = params.q.chars().filter(|c| *c != '\0').take(120).collect();
        Self {
            text: text.trim().to_owned(),
            status: Status::from_name(&params.status),
            kind: GroupType::from_name(&params.kind),
            deleted: params.deleted == "1",
            descending: descending && sort.is_some(),
            sort: sort.unwrap_or_default(),
            place: Place::of(&params.after, &params.before),
        }
    }
}

impl Wanted {
    /// Whether it asks for all live groups.
    pub fn is_plain(&self) -> bool {
        self.text.is_empty() && self.status.is_none() && self.kind.is_none() && !self.deleted
    }
}

/// The sort key of the last row of a page, as an opaque text in the address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The value sorted by: a count, a status, a type; empty when sorted by name.
    pub key: String,
    /// The lower-cased name.
    pub name: String,
    /// The group.
    pub id: Uuid,
}

impl Key for Cursor {
    fn is_possible(&self) -> bool {
        !self.name.contains('\0') && !self.key.contains('\0')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_wanted() {
        let params: Params =
            serde_urlencoded::from_str("q=gold+%26&status=active&type=hybrid&sort=-customers").unwrap();
        let wanted = Wanted::from(params);
        assert_eq!(
            wanted,
            Wanted {
                text: "gold &".into(),
                status: Some(Status::Active),
                kind: Some(GroupType::Hybrid),
                sort: Sort::Customers,
                descending: true,
                ..Wanted::default()
            }
        );
        assert!(!wanted.is_plain() && Wanted::default().is_plain());
    }

    #[test]
    fn nonsense_in_an_address_is_ignored() {
        let params: Params =
            serde_urlencoded::from_str("q=%00+a+&status=huge&type=x&sort=-;drop&after=AAAA&deleted=yes&else=1")
                .unwrap();
        assert_eq!(Wanted::from(params), Wanted { text: "a".into(), ..Wanted::default() });
    }
}
