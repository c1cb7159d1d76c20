//! Which groups and lists priced something for a shop: counted in memory, so that a price waits for nothing, and added to
//! the database every few seconds by each node (`store::usage`).

use super::asking::Priced;
use super::trace::Offer;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// How many days back uses are told, today included.
pub const DAYS: i64 = 30;

/// Prices by what won them and the store day of the question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// By the group whose pricing it was.
    pub groups: BTreeMap<(Uuid, NaiveDate), i64>,
    /// By the price list.
    pub lists: BTreeMap<(Uuid, NaiveDate), i64>,
}

impl Counts {
    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    fn add(&mut self, other: Self) {
        for (mine, others) in [(&mut self.groups, other.groups), (&mut self.lists, other.lists)] {
            for (key, prices) in others {
                *mine.entry(key).or_default() += prices;
            }
        }
    }
}

/// What this program has counted and not yet written. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct Uses {
    counted: Arc<Mutex<Counts>>,
}

impl Uses {
    /// Counts the prices of an answer that a group's pricing won, on this store day. Base prices are nobody's.
    pub fn count(&self, day: NaiveDate, priced: &[Priced<'_>]) {
        let won = |priced: &Priced<'_>| {
            let step = priced.resolution.winner()?;
            let list = match step.offer {
                Offer::List { list, .. } => Some(list.id),
                _ => None,
            };
            Some((step.level?.id, list))
        };
        let won: Vec<(Uuid, Option<Uuid>)> = priced.iter().filter_map(won).collect();
        if won.is_empty() {
            return;
        }
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        for (group, list) in won {
            *counted.groups.entry((group, day)).or_default() += 1;
            if let Some(list) = list {
                *counted.lists.entry((list, day)).or_default() += 1;
            }
        }
    }

    /// Takes what was counted so far, to write it.
    pub fn take(&self) -> Counts {
        std::mem::take(&mut *self.counted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts back what could not be written.
    pub fn put_back(&self, counts: Counts) {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).add(counts);
    }

    /// What was counted of a group since a day and isn't written yet.
    pub fn of_group(&self, group: Uuid, since: NaiveDate) -> i64 {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.groups.range((group, since)..=(group, NaiveDate::MAX)).map(|(_, prices)| prices).sum()
    }

    /// What was counted of a price list since a day and isn't written yet.
    pub fn of_list(&self, list: Uuid, since: NaiveDate) -> i64 {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.lists.range((list, since)..=(list, NaiveDate::MAX)).map(|(_, prices)| prices).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_and_put_back_is_counted_once() {
        let (group, list) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let day = |d| NaiveDate::from_ymd_opt(2026, 3, d).unwrap();
        let uses = Uses::default();
        let one = |d, n| Counts {
            groups: BTreeMap::from([((group, day(d)), n)]),
            lists: BTreeMap::from([((list, day(d)), n)]),
        };
        uses.put_back(one(1, 5));
        uses.put_back(one(2, 7));
        uses.put_back(one(2, 1));
        assert_eq!((uses.of_group(group, day(1)), uses.of_group(group, day(2))), (13, 8));
        assert_eq!((uses.of_list(list, day(2)), uses.of_list(group, day(1))), (8, 0));
        let taken = uses.take();
        assert!(uses.take().is_empty() && uses.of_group(group, day(1)) == 0);
        uses.put_back(taken);
        assert_eq!(uses.of_group(group, day(1)), 13);
    }
}
