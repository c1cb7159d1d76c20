//! Splitting a whole unevenly and exactly.

/// `total` split into as many whole shares as there are weights, each about as large as its weight says, none above
/// `cap`; the shares add up to `total`. Where `total` is more than all caps together, every share is `cap`.
pub fn shares(total: usize, weights: &[f64], cap: usize) -> Vec<usize> {
    let mut shares = vec![0; weights.len()];
    let mut left = total.min(cap.saturating_mul(weights.len()));
    // Rounds: what a full share can't take goes to the others, by their weights.
    while left > 0 {
        let open: Vec<usize> = (0..shares.len()).filter(|&i| shares[i] < cap).collect();
        let sum: f64 = open.iter().map(|&i| weights[i]).sum();
        let (mut covered, mut given) = (0.0, 0);
        let round = left;
        for &i in &open {
            // Rounding the running total, not each share, keeps the sum exact.
            covered += weights[i];
            let due = ((round as f64 * covered / sum).round() as usize).min(round);
            let share = due.saturating_sub(given).min(cap - shares[i]);
            given = due;
            shares[i] += share;
            left -= share;
        }
    }
    shares
}

/// Weights that fall off as life's do: a few great ones, a long tail. The greater `softness`, the flatter the head.
pub fn tail(len: usize, softness: usize) -> Vec<f64> {
    (0..len).map(|rank| 1.0 / (rank + softness) as f64).collect()
}

/// Visits `count` different places among `len`, spread all over, the same for the same `seed`. `count` is at most
/// `len`.
pub fn spread(count: usize, len: usize, seed: usize) -> impl Iterator<Item = usize> {
    let len = len.max(1);
    // A step near the golden section spreads evenly; one that shares no factor with `len` meets every place once.
    let mut step = (len as f64 * 0.618) as usize + seed % 97 + 1;
    while gcd(step, len) != 1 {
        step += 1;
    }
    let start = seed.wrapping_mul(7_919) % len;
    (0..count.min(len)).map(move |i| ((start as u128 + i as u128 * step as u128) % len as u128) as usize)
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn shares_add_up_and_stay_under_the_cap() {
        for (total, weights, cap) in [
            (10, vec![1.0, 1.0, 1.0], 10),
            (10, vec![8.0, 1.0, 1.0], 4),
            (1_000_000, tail(777, 5), 1_000_000),
            (12, vec![100.0, 1.0, 1.0], 4),
            (0, vec![1.0], 5),
        ] {
            let split = shares(total, &weights, cap);
            assert_eq!(split.iter().sum::<usize>(), total, "{weights:?}");
            assert!(split.iter().all(|share| *share <= cap), "{split:?}");
        }
        assert_eq!(shares(9, &[1.0, 1.0], 4), [4, 4]);
        assert_eq!(shares(8, &[3.0, 1.0], 100), [6, 2]);
        assert!(shares(5, &[], 4).is_empty());
    }

    #[test]
    fn a_spread_meets_no_place_twice() {
        for (count, len, seed) in [(1_000, 1_000, 3), (600, 1_024, 0), (1, 1, 9), (5, 7, 100)] {
            let met: HashSet<usize> = spread(count, len, seed).collect();
            assert_eq!(met.len(), count);
            assert!(met.iter().all(|place| *place < len));
        }
        assert_eq!(spread(0, 0, 1).count(), 0);
    }
}
