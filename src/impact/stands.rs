//! What a customer stands in, by ids alone: which groups count, for so many customers that names and reasons would be too
//! much. The rules are those of [`crate::inheritance::counting`], which a test holds it to.

use crate::inheritance::book::Book;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// What a customer stands in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stands {
    /// The group of its organization.
    pub organization: Option<Uuid>,
    /// Its own groups: the primary one first, then the longest-standing membership.
    pub own: Vec<Uuid>,
    /// Since when it is in each of them, in the same order.
    pub since: Vec<DateTime<Utc>>,
    /// Whether one of them is its primary group.
    pub has_primary: bool,
}

impl Stands {
    /// The groups that count by a book: the one that decides single-valued settings first, the others by their ids (SPEC 6,
    /// "Which groups count").
    pub fn counting(&self, book: &Book) -> Vec<Uuid> {
        let counts = |id: &Uuid| book.level(*id).is_some_and(|level| level.counts);
        if let Some(group) = self.organization.filter(counts) {
            return vec![group];
        }
        let places: Vec<usize> = (0..self.own.len()).filter(|place| counts(&self.own[*place])).collect();
        let Some(first) = places.first().copied() else { return Vec::new() };
        let decides = if first == 0 && self.has_primary { first } else { self.first_by_name(book, &places) };
        let mut found: Vec<Uuid> = places.iter().map(|place| self.own[*place]).collect();
        found.sort_unstable();
        found.retain(|id| *id != self.own[decides]);
        found.insert(0, self.own[decides]);
        found
    }

    /// Of those in which it stands as long as in the first one, that whose name comes first.
    fn first_by_name(&self, book: &Book, places: &[usize]) -> usize {
        let since = |place: &usize| self.since.get(*place);
        let name = |place: &usize| book.level(self.own[*place]).map(|level| level.name.as_str());
        let alike = places.iter().filter(|place| since(place) == places.first().and_then(since));
        alike.min_by_key(|place| name(place)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groups::group::{Assignment, ROOT_ID};
    use crate::inheritance::counting::{Group, Membership, Organization, Standing, State, which_groups_count};
    use crate::inheritance::level::{Level, Levels};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn id(n: u8) -> Uuid {
        Uuid::from_u128(u128::from(n))
    }

    /// Groups 1 to 6; the later ones have the earlier names; 5 and 6 are at rest.
    fn book() -> Book {
        let level = |n: u8| {
            let name = format!("{}", 9 - n);
            (id(n), Arc::new(Level { id: id(n), name, counts: n < 5, parent_id: Some(ROOT_ID), ..Level::default() }))
        };
        Book::new((1..=6).map(level).collect::<Levels>())
    }

    proptest! {
        #[test]
        fn the_groups_that_count_are_those_of_the_one_answer(
            organization in proptest::option::of(1u8..=6),
            own in proptest::sample::subsequence((1u8..=6).collect::<Vec<_>>(), 0..=6),
            days in proptest::collection::vec(0i64..3, 6),
            primary in proptest::option::of(0usize..6),
        ) {
            let book = book();
            let group = |n: u8| Group {
                id: id(n),
                code: n.to_string(),
                name: format!("{}", 9 - n),
                state: if n < 5 { State::Active } else { State::Inactive },
            };
            let mut memberships: Vec<Membership> = own
                .iter()
                .enumerate()
                .map(|(i, n)| Membership {
                    group: group(*n),
                    since: DateTime::UNIX_EPOCH + chrono::Duration::days(days[i]),
                    assignment: Assignment::Manual,
                    is_primary: primary == Some(i),
                })
                .collect();
            let standing = Standing {
                organization: organization.map(|n| Organization { id: id(99), name: "O".into(), group: Some(group(n)) }),
                memberships: memberships.clone(),
            };
            let answer: Vec<Uuid> = which_groups_count(&standing).groups.iter().map(|group| group.id).collect();
            // As the database gives them.
            memberships.sort_by_key(|membership| (!membership.is_primary, membership.since));
            let stands = Stands {
                organization: organization.map(id),
                own: memberships.iter().map(|membership| membership.group.id).collect(),
                since: memberships.iter().map(|membership| membership.since).collect(),
                has_primary: memberships.iter().any(|membership| membership.is_primary),
            };
            let mut found = stands.counting(&book);
            prop_assert_eq!(found.first(), answer.first());
            let mut answer = answer;
            found.sort_unstable();
            answer.sort_unstable();
            prop_assert_eq!(found, answer);
        }
    }
}
