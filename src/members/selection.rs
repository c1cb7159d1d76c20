//! Which customers are meant: some that were ticked, or all that match a search.

use super::listing::Filter;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The most customers that can be ticked, or named in one call (SPEC 13).
pub const MOST_IDS: usize = 10_000;

/// What a set of customers looked like when its count was shown: how many, and a sum over who they are. Two sets of the
/// same size are told apart by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How many.
    pub count: i64,
    /// The sum.
    pub sum: i64,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.count, self.sum)
    }
}

impl FromStr for Seen {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (count, sum) = text.split_once('.').ok_or(())?;
        let count = count.parse().ok().filter(|count| *count >= 0).ok_or(())?;
        Ok(Self { count, sum: sum.parse().map_err(|_| ())? })
    }
}

/// Which customers are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// These, in this order.
    Ids(Vec<Uuid>),
    /// All that match, as they were when their number was shown.
    Matching(Filter, Seen),
}

impl Selection {
    /// Some customers, each once.
    pub fn ids(ids: impl IntoIterator<Item = Uuid>) -> Self {
        let mut known = std::collections::HashSet::new();
        Self::Ids(ids.into_iter().filter(|id| known.insert(*id)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_goes_through_a_form() {
        for seen in [Seen::default(), Seen { count: 1_000_000, sum: -42 }, Seen { count: 1, sum: i64::MIN }] {
            assert_eq!(seen.to_string().parse(), Ok(seen));
        }
        for text in ["", "5", "x.1", "1.x", "-1.0", "1.2.3"] {
            assert_eq!(text.parse::<Seen>(), Err(()), "{text}");
        }
    }

    #[test]
    fn nobody_is_meant_twice() {
        let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
        assert_eq!(Selection::ids([other, one, other]), Selection::Ids(vec![other, one]));
    }
}
