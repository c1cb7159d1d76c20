//! What percentages and fixed adjustments make of a base price (SPEC 7, rules 2b and 4).

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// The base price less a percentage of it, rounded half away from zero to the minor unit, never below 0.
pub fn less_percent(base: i64, percent: Decimal) -> i64 {
    let left = (Decimal::ONE_HUNDRED - percent).max(Decimal::ZERO) / Decimal::ONE_HUNDRED;
    let price = (Decimal::from(base) * left).round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    // Less than the base price, which fits.
    price.to_i64().unwrap_or(base).max(0)
}

/// The base price less an amount per unit, never below 0; minor units.
pub fn less_amount(base: i64, amount: i64) -> i64 {
    base.saturating_sub(amount).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_round_half_away_from_zero_and_stay_at_zero() {
        for (base, percent, expected) in [
            (10_000, "15.00", 8_500),
            (10_000, "20.00", 8_000),
            // 9.99 less 15% is 8.4915.
            (999, "15.00", 849),
            // 0.05 less 50% is 0.025: away from zero.
            (5, "50.00", 3),
            (1, "50.00", 1),
            (1, "50.01", 0),
            (333, "33.33", 222),
            (0, "15.00", 0),
            (10_000, "0.00", 10_000),
            (10_000, "100.00", 0),
            (9_000_000_000_000_000, "0.01", 8_999_100_000_000_000),
        ] {
            assert_eq!(less_percent(base, percent.parse().unwrap()), expected, "{base} less {percent}%");
        }
        for (base, amount, expected) in [(1_000, 500, 500), (300, 500, 0), (0, 0, 0), (500, 0, 500)] {
            assert_eq!(less_amount(base, amount), expected, "{base} less {amount}");
        }
    }
}
