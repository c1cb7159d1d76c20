//! Repeatable chance: whole numbers only, so that every machine draws the same shop.

use chrono::{DateTime, Utc};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::{Builder, Uuid};

/// What is drawn. Each part has its own stream: more words in one leave the others as they were.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Costs and ages of products.
    Catalogue = 1,
    /// Ids of groups, lists and visibility groups.
    Groups,
    /// Names of organizations and which have a parent.
    Organizations,
    /// People and companies: one stream a customer.
    Customers,
    /// What a customer buys: one stream a customer.
    Orders,
    /// Which orders come back.
    Returns,
    /// Ids of the history of joins and leaves.
    Memberships,
    /// The three people who sign in.
    People,
}

/// A stream of draws.
#[derive(Debug)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream of the `n`th thing of a part; always the same draws in the same order.
    pub fn of(part: Part, n: usize) -> Self {
        let mut draws = ChaCha8Rng::seed_from_u64(0x5EED_0C11_E47E_1E00);
        draws.set_stream(((part as u64) << 32) | n as u64);
        Self(draws)
    }

    /// Between two numbers, both included; `low` where the range is empty.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        if high <= low { low } else { self.0.random_range(low..=high) }
    }

    /// A place in a row of `len` things; 0 where there are none.
    pub fn index(&mut self, len: usize) -> usize {
        if len < 2 { 0 } else { self.0.random_range(0..len as u64) as usize }
    }

    /// True `permille` times in a thousand.
    pub fn permille(&mut self, permille: i64) -> bool {
        self.between(0, 999) < permille
    }

    /// True `percent` times in a hundred.
    pub fn percent(&mut self, percent: i64) -> bool {
        self.permille(percent * 10)
    }

    /// One of a fixed row of things.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.index(from.len())]
    }

    /// A place in a row of weights, each as often as its weight says; 0 where all weigh nothing.
    pub fn place(&mut self, weights: &[i64]) -> usize {
        let mut left = self.between(0, weights.iter().sum::<i64>() - 1);
        for (place, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0 {
                return place;
            }
        }
        0
    }

    /// One of a fixed row of things, each as often as its weight says.
    pub fn weighted<'a, T>(&mut self, from: &'a [(T, i64)]) -> &'a T {
        let weights: Vec<i64> = from.iter().map(|(_, weight)| *weight).collect();
        &from[self.place(&weights)].0
    }

    /// A draw from a distribution given by its quantiles (two or more), evenly spaced and linear in between.
    pub fn quantile(&mut self, quantiles: &[i64]) -> i64 {
        let fine = 1_000;
        let at = self.between(0, (quantiles.len() as i64 - 1) * fine - 1);
        let (below, rest) = ((at / fine) as usize, at % fine);
        quantiles[below] + (quantiles[below + 1] - quantiles[below]) * rest / fine
    }

    /// A version 7 id of something made at `at`.
    pub fn id(&mut self, at: DateTime<Utc>) -> Uuid {
        let mut bytes = [0; 10];
        self.0.fill_bytes(&mut bytes);
        Builder::from_unix_timestamp_millis(at.timestamp_millis().max(0) as u64, &bytes).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_repeats_itself_and_differs_from_the_others() {
        let draws = |part, n| {
            let mut chance = Chance::of(part, n);
            (0..8).map(|_| chance.between(0, 1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(draws(Part::Orders, 7), draws(Part::Orders, 7));
        assert_ne!(draws(Part::Orders, 7), draws(Part::Orders, 8));
        assert_ne!(draws(Part::Orders, 7), draws(Part::Customers, 7));
    }

    #[test]
    fn draws_stay_inside_and_reach_both_ends() {
        let mut chance = Chance::of(Part::Orders, 0);
        let drawn: Vec<i64> = (0..500).map(|_| chance.between(3, 6)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&3), Some(&6)));
        assert_eq!(chance.between(5, 2), 5);
        assert_eq!(chance.index(0), 0);
        let values: Vec<i64> = (0..2_000).map(|_| chance.quantile(&[10, 20, 100])).collect();
        assert!(values.iter().all(|v| (10..100).contains(v)));
        let low = values.iter().filter(|v| **v < 20).count();
        assert!((900..1_100).contains(&low), "half of the draws lie below the middle quantile, not {low}");
    }

    #[test]
    fn weights_are_followed() {
        let mut chance = Chance::of(Part::Orders, 1);
        let heavy = (0..1_000).filter(|_| *chance.weighted(&[("rare", 1), ("never", 0), ("often", 9)]) == "often");
        let heavy = heavy.count();
        assert!((860..940).contains(&heavy), "nine in ten, not {heavy}");
        assert!((0..1_000).all(|_| *chance.weighted(&[("a", 1), ("never", 0)]) == "a"));
    }

    #[test]
    fn ids_carry_their_instant() {
        let at = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let id = Chance::of(Part::Groups, 0).id(at);
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(id.get_timestamp().map(|t| t.to_unix().0), Some(1_700_000_000));
    }
}
