//! Repeatable draws: each thing has a stream of its own, so that any row can be made again alone.

use uuid::{Builder, Uuid};

/// What is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Products.
    Product = 1,
    /// Price lists with their entries.
    PriceList,
    /// Visibility groups.
    VisibilityGroup,
    /// Groups with their settings.
    Group,
    /// Organizations.
    Organization,
    /// Customers.
    Customer,
    /// Orders with their lines.
    Order,
    /// Memberships with the event of their joining.
    Membership,
}

/// A stream of draws (SplitMix64: tiny, fast, and evenly spread, which is all that sample rows ask for).
#[derive(Clone, Debug)]
pub struct Draw(u64);

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Draw {
    /// The stream of the `n`th thing of a part.
    pub fn of(part: Part, n: usize) -> Self {
        Self(mixed(((part as u64) << 56) ^ n as u64))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed(self.0)
    }

    /// A place among `len`; 0 where there are none.
    pub fn below(&mut self, len: usize) -> usize {
        // The high half of the product: even enough without a division.
        ((u128::from(self.next()) * len as u128) >> 64) as usize
    }

    /// Between two numbers, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as usize) as i64
    }

    /// A place among `len` where the first are drawn far oftener than the last: a tenth of them gets a third.
    pub fn skewed(&mut self, len: usize) -> usize {
        let fraction = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        ((fraction * fraction * len as f64) as usize).min(len.saturating_sub(1))
    }

    /// True `percent` times in a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of a row of things.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// The id of the `n`th thing of a part, made at `millis` (UTC, since 1970): version 7, so that ids rise with time.
pub fn id(part: Part, n: usize, millis: i64) -> Uuid {
    let mut draw = Draw::of(part, n);
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&draw.next().to_be_bytes());
    bytes[8..].copy_from_slice(&draw.next().to_be_bytes()[..2]);
    Builder::from_unix_timestamp_millis(millis.max(0) as u64, &bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_repeats_itself_and_differs_from_the_others() {
        let draws = |part, n| {
            let mut draw = Draw::of(part, n);
            (0..8).map(|_| draw.below(1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(draws(Part::Order, 7), draws(Part::Order, 7));
        assert_ne!(draws(Part::Order, 7), draws(Part::Order, 8));
        assert_ne!(draws(Part::Order, 7), draws(Part::Customer, 7));
    }

    #[test]
    fn draws_stay_inside_and_reach_both_ends() {
        let mut draw = Draw::of(Part::Order, 0);
        let drawn: Vec<i64> = (0..500).map(|_| draw.between(3, 6)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&3), Some(&6)));
        assert_eq!((draw.below(0), draw.below(1), draw.skewed(0), draw.skewed(1)), (0, 0, 0, 0));
        assert_eq!(draw.between(5, 5), 5);
    }

    #[test]
    fn the_first_tenth_gets_about_a_third_of_skewed_draws() {
        let mut draw = Draw::of(Part::Order, 1);
        let first = (0..10_000).filter(|_| draw.skewed(1_000) < 100).count();
        // The root of a tenth is 0.316.
        assert!((3_000..3_330).contains(&first), "{first}");
    }

    #[test]
    fn ids_carry_their_instant_and_differ() {
        let one = id(Part::Group, 0, 1_700_000_000_000);
        assert_eq!((one.get_version_num(), one.get_timestamp().map(|t| t.to_unix().0)), (7, Some(1_700_000_000)));
        assert_ne!(one, id(Part::Group, 1, 1_700_000_000_000));
        assert!(one < id(Part::Group, 0, 1_700_000_000_001));
    }
}
