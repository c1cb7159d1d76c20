//! Pages of a list by key: a page begins after, or ends before, the row with a key, so that a deep page costs what the
//! first one costs.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// The most characters of a key in an address: a customer's name, code and e-mail address in four bytes a character.
const KEY_CHARACTERS: usize = 4000;

/// What a list is sorted by; the last part tells rows apart that are otherwise alike.
pub trait Key: DeserializeOwned {
    /// Whether a row could have it: an address is anybody's to write, and PostgreSQL doesn't take every value.
    fn is_possible(&self) -> bool;
}

impl Key for (String, Uuid) {
    fn is_possible(&self) -> bool {
        !self.0.contains('\0')
    }
}

impl Key for (DateTime<Utc>, Uuid) {
    fn is_possible(&self) -> bool {
        (1900..=9999).contains(&self.0.year())
    }
}

/// Where a page lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place<K> {
    /// At the beginning.
    #[default]
    Start,
    /// After the row with this key.
    After(K),
    /// Before the row with this key: the page that ends there.
    Before(K),
}

impl<K: Key> Place<K> {
    /// What the parameters `after` and `before` of an address say. What is no key is ignored: an old bookmark shows
    /// the list from its beginning.
    pub fn of(after: &str, before: &str) -> Self {
        match (decode(after), decode(before)) {
            (Some(after), _) => Self::After(after),
            (None, Some(before)) => Self::Before(before),
            (None, None) => Self::Start,
        }
    }
}

impl<K> Place<K> {
    /// Whether the rows are fetched from the end to the beginning.
    pub fn is_backwards(&self) -> bool {
        matches!(self, Self::Before(_))
    }

    /// The key that the rows are compared with.
    pub fn key(&self) -> Option<&K> {
        match self {
            Self::Start => None,
            Self::After(key) | Self::Before(key) => Some(key),
        }
    }
}

/// A page of rows in the list's order, and whether it has neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether there are rows before these.
    pub before: bool,
    /// Whether there are rows after these.
    pub after: bool,
}

impl<T> Page<T> {
    /// The page at `place`, of `rows` fetched in that place's direction: one more than `limit`, if there is one.
    pub fn of<K>(mut rows: Vec<T>, place: &Place<K>, limit: usize) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        match place {
            Place::Start => Self { rows, before: false, after: more },
            Place::After(_) => Self { rows, before: true, after: more },
            Place::Before(_) => {
                rows.reverse();
                Self { rows, before: more, after: true }
            }
        }
    }
}

/// How many rows to fetch for a page of `limit`.
pub fn one_more(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1
}

/// A key as a text for an address.
pub fn encode(key: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

fn decode<K: Key>(text: &str) -> Option<K> {
    if text.is_empty() || text.len() > KEY_CHARACTERS {
        return None;
    }
    let key: K = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    Some(key).filter(Key::is_possible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_a_page_lies() {
        let (one, other) = (("name".to_owned(), Uuid::now_v7()), ("name".to_owned(), Uuid::now_v7()));
        let of = |after: &str, before: &str| Place::<(String, Uuid)>::of(after, before);
        assert_eq!(of("", ""), Place::Start);
        assert_eq!(of(&encode(&one), ""), Place::After(one.clone()));
        assert_eq!(of("", &encode(&one)), Place::Before(one.clone()));
        assert_eq!(of(&encode(&one), &encode(&other)), Place::After(one.clone()));
        for nonsense in ["x", "%%%", &encode(&"text"), &encode(&("a\0b", one.1)), &"A".repeat(4001)] {
            assert_eq!(of(nonsense, nonsense), Place::Start, "{nonsense}");
        }
        let far = encode(&("+20000-01-01T00:00:00Z", one.1));
        assert_eq!(Place::<(DateTime<Utc>, Uuid)>::of(&far, ""), Place::Start);
    }

    #[test]
    fn a_page_knows_its_neighbours() {
        for (place, fetched, rows, before, after) in [
            (Place::Start, vec![1, 2], vec![1, 2], false, false),
            (Place::Start, vec![1, 2, 3], vec![1, 2], false, true),
            (Place::After(0), vec![1, 2], vec![1, 2], true, false),
            (Place::After(0), vec![1, 2, 3], vec![1, 2], true, true),
            (Place::Before(9), vec![8, 7, 6], vec![7, 8], true, true),
            (Place::Before(9), vec![8, 7], vec![7, 8], false, true),
            (Place::After(0), vec![], vec![], true, false),
        ] {
            assert_eq!(Page::of(fetched, &place, 2), Page { rows, before, after }, "{place:?}");
        }
    }
}
