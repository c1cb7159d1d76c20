//! What offers take off the lines of an order: exact amounts in minor units, rounded half away from zero (SPEC 8).

use super::promotion::Offer;
use crate::pricing::discount::less_percent;

/// A line of an order that is priced and seen; minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Units, at least 1.
    pub quantity: i32,
    /// Base price × quantity; `None` where the product has no base price in the order's currency.
    pub base_total: Option<i64>,
    /// Group price × quantity.
    pub group_total: i64,
    /// Whether the group whose price won allows promotions on top of it.
    pub group_stacks: bool,
}

/// What an order comes to while promotions are taken off it, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    lines: Vec<RunningLine>,
    /// The shipping fee.
    pub shipping: i64,
}

/// Two amounts run side by side: from the group price, off which only what stacks is taken, and from the base price, off
/// which everything is. As soon as a promotion that doesn't stack takes part, the line costs the lower of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RunningLine {
    quantity: i32,
    group_stacks: bool,
    from_group: i64,
    from_base: Option<i64>,
    base_takes_part: bool,
}

impl RunningLine {
    fn costs(&self) -> i64 {
        match self.from_base.filter(|_| self.base_takes_part) {
            Some(from_base) => from_base.min(self.from_group),
            None => self.from_group,
        }
    }

    fn take(&mut self, stacks: bool, off: impl Fn(i64) -> i64) {
        let left = |amount: i64| (amount - off(amount)).max(0);
        if stacks && self.group_stacks {
            self.from_group = left(self.from_group);
        } else {
            self.base_takes_part = true;
        }
        self.from_base = self.from_base.map(left);
    }
}

impl Running {
    /// An order before promotions.
    pub fn new(lines: &[Line], shipping: i64) -> Self {
        let running = |line: &Line| RunningLine {
            quantity: line.quantity,
            group_stacks: line.group_stacks,
            from_group: line.group_total,
            from_base: line.base_total,
            base_takes_part: false,
        };
        Self { lines: lines.iter().map(running).collect(), shipping }
    }

    /// What each line costs now.
    pub fn lines(&self) -> Vec<i64> {
        self.lines.iter().map(RunningLine::costs).collect()
    }

    /// What the order comes to now, shipping included.
    pub fn total(&self) -> i64 {
        self.lines.iter().fold(self.shipping, |sum, line| sum.saturating_add(line.costs()))
    }

    /// Takes an offer off what the ones before left. `stacks` says whether the promotion may come on top of group prices.
    pub fn take(&mut self, offer: &Offer, stacks: bool) {
        match offer {
            Offer::Percent(percent) => {
                for line in &mut self.lines {
                    line.take(stacks, |amount| amount - less_percent(amount, *percent));
                }
            }
            Offer::Amount(amount) => {
                let shares = spread(*amount, &self.lines());
                for (line, share) in self.lines.iter_mut().zip(shares).filter(|(_, share)| *share > 0) {
                    line.take(stacks, |_| share);
                }
            }
            Offer::BuyGet { buy, get } => {
                for line in &mut self.lines {
                    let (free, of) = (free_units(line.quantity, *buy, *get), line.quantity);
                    if free > 0 {
                        line.take(stacks, |amount| part(amount, free, of));
                    }
                }
            }
            Offer::FreeShipping => self.shipping = 0,
            // Comes besides; it is no part of the total.
            Offer::FreeItem(_) => {}
        }
    }
}

/// Units of a line that are free when Y of each X + Y are.
pub fn free_units(quantity: i32, buy: i32, get: i32) -> i32 {
    let (quantity, get, each) = (i64::from(quantity), i64::from(get), i64::from(buy) + i64::from(get));
    i32::try_from(quantity.checked_div(each).unwrap_or(0) * get).unwrap_or(0)
}

/// `amount` × `of` / `all`, rounded half away from zero; none is negative.
fn part(amount: i64, of: i32, all: i32) -> i64 {
    let (product, all) = (i128::from(amount) * i128::from(of), i128::from(all.max(1)));
    i64::try_from((product * 2 + all) / (all * 2)).unwrap_or(amount)
}

/// An amount spread over lines by their totals: each gets its share rounded down, and the units that are left go to the
/// largest remainders, the first line first. More than all totals is all totals.
pub fn spread(amount: i64, totals: &[i64]) -> Vec<i64> {
    let sum: i128 = totals.iter().map(|total| i128::from(*total)).sum();
    if sum <= 0 {
        return vec![0; totals.len()];
    }
    let amount = i128::from(amount).min(sum);
    let products: Vec<i128> = totals.iter().map(|total| amount * i128::from(*total)).collect();
    let mut shares: Vec<i128> = products.iter().map(|product| product / sum).collect();
    let left = amount - shares.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..totals.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(products[*at] % sum));
    for at in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        shares[at] += 1;
    }
    shares.into_iter().map(|share| i64::try_from(share).unwrap_or(i64::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_spread_over_the_lines_by_the_largest_remainder() {
        for (amount, totals, shares) in [
            (1_000, &[5_000, 5_000][..], &[500, 500][..]),
            (1_000, &[3_000, 6_000, 1_000], &[300, 600, 100]),
            // Thirds: the unit that is left goes to the first of equals.
            (100, &[1, 1, 1], &[1, 1, 1]),
            (100, &[1_000, 1_000, 1_000], &[34, 33, 33]),
            // 10 over 1:2:4 is 1.43, 2.86, 5.71: the two largest remainders round up.
            (10, &[100, 200, 400], &[1, 3, 6]),
            (5, &[0, 10, 0], &[0, 5, 0]),
            // More than there is takes all there is.
            (10_000, &[300, 200], &[300, 200]),
            (10, &[0, 0], &[0, 0]),
            (10, &[], &[]),
            (0, &[5, 5], &[0, 0]),
            (i64::MAX, &[i64::MAX, i64::MAX], &[4_611_686_018_427_387_904, 4_611_686_018_427_387_903]),
        ] {
            assert_eq!(spread(amount, totals), shares, "{amount} over {totals:?}");
        }
    }

    #[test]
    fn of_each_x_plus_y_units_y_are_free() {
        for (quantity, buy, get, free) in [
            (1, 1, 1, 0),
            (2, 1, 1, 1),
            (3, 1, 1, 1),
            (4, 1, 1, 2),
            (2, 2, 1, 0),
            (3, 2, 1, 1),
            (5, 2, 1, 1),
            (6, 2, 1, 2),
            (7, 3, 2, 2),
            (10, 3, 2, 4),
            (i32::MAX, 1, i32::MAX, 0),
        ] {
            assert_eq!(free_units(quantity, buy, get), free, "{quantity} at {buy}+{get}");
        }
    }

    fn line(quantity: i32, base: i64, group: i64, group_stacks: bool) -> Line {
        let total = |unit| unit * i64::from(quantity);
        Line { quantity, base_total: Some(total(base)), group_total: total(group), group_stacks }
    }

    fn percent(text: &str) -> Offer {
        Offer::Percent(text.parse().unwrap())
    }

    #[test]
    fn stacking_as_spec_8_says() {
        let buy_one = Offer::BuyGet { buy: 1, get: 1 };
        for (says, line, offers, costs) in [
            ("base 100, group 20%, promotion 10%: stacked 72", line(1, 100, 80, true), vec![(percent("10"), true)], 72),
            ("not stacked min(80, 90) = 80", line(1, 100, 80, true), vec![(percent("10"), false)], 80),
            ("the winning group must allow it, too", line(1, 100, 80, false), vec![(percent("10"), true)], 80),
            ("a larger promotion beats the group price", line(1, 100, 80, true), vec![(percent("30"), false)], 70),
            (
                "each on what the one before left",
                line(1, 100, 100, true),
                vec![(percent("10"), true), (percent("10"), true)],
                81,
            ),
            (
                "also beside the group price",
                line(1, 100, 80, true),
                vec![(percent("10"), false), (percent("15"), false)],
                77,
            ),
            (
                "what stacks is taken off both",
                line(1, 100, 80, true),
                vec![(percent("10"), true), (percent("30"), false)],
                63,
            ),
            ("a contract price above base stays without promotions", line(1, 100, 120, true), vec![], 120),
            ("and takes what stacks", line(1, 100, 120, true), vec![(percent("10"), true)], 108),
            ("or gives way to the promoted base price", line(1, 100, 120, true), vec![(percent("10"), false)], 90),
            ("an amount stacks alike", line(1, 100, 80, true), vec![(Offer::Amount(15), true)], 65),
            ("or competes from the base price", line(1, 100, 80, true), vec![(Offer::Amount(30), false)], 70),
            ("free units at the group price", line(4, 100, 80, true), vec![(buy_one.clone(), true)], 160),
            ("free units of the base price", line(4, 100, 80, false), vec![(buy_one, true)], 200),
            ("an amount never goes below 0", line(1, 100, 80, true), vec![(Offer::Amount(500), true)], 0),
            ("half a unit rounds away from zero", line(1, 5, 5, true), vec![(percent("50"), true)], 3),
        ] {
            let mut running = Running::new(&[line], 0);
            for (offer, stacks) in &offers {
                running.take(offer, *stacks);
            }
            assert_eq!(running.total(), costs, "{says}");
        }
    }

    #[test]
    fn a_line_without_a_base_price_keeps_its_group_price_where_nothing_stacks() {
        let line = Line { quantity: 1, base_total: None, group_total: 80, group_stacks: false };
        let mut running = Running::new(&[line], 0);
        running.take(&percent("50"), true);
        assert_eq!(running.total(), 80);
    }

    #[test]
    fn shipping_goes_and_free_items_are_no_part_of_the_total() {
        let mut running = Running::new(&[line(1, 100, 80, true)], 995);
        assert_eq!(running.total(), 1_075);
        running.take(&Offer::FreeShipping, false);
        assert_eq!((running.total(), running.lines()), (80, vec![80]));
    }
}
