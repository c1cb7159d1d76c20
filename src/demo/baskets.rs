//! Filling a basket: lines whose prices come near what the customer means to spend.

use super::calendar::Trade;
use super::chance::Chance;
use super::charge::Tariff;
use super::groups::Key;
use super::price_lists::EURO_PERCENT;
use super::stock::{Range, Stock};
use chrono::NaiveDate;

/// A line of an order. Amounts in minor units of the order's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The product, by its place in the row.
    pub product: usize,
    /// How many; negative comes back.
    pub quantity: i32,
    /// What one cost the customer.
    pub unit_price: i64,
    /// What one cost on the list.
    pub list_price: i64,
    /// What one cost the shop.
    pub unit_cost: i64,
}

impl Line {
    /// What the line adds to the order.
    pub fn net(&self) -> i64 {
        self.unit_price * i64::from(self.quantity)
    }
}

/// A customer at the shelves.
#[derive(Debug)]
pub struct Shopper<'a> {
    /// Consumer or business.
    pub trade: Trade,
    /// The groups it is in on that day.
    pub groups: &'a [Key],
    /// What it may choose from.
    pub range: Range,
    /// The aisles it goes to first.
    pub favourites: &'a [usize],
    /// The day.
    pub day: NaiveDate,
}

/// Most pieces of one product on a line.
const MOST_PIECES: i64 = 240;

impl Shopper<'_> {
    /// Lines that come to about `target` minor units; at least one.
    pub fn fill(&self, chance: &mut Chance, stock: &Stock, tariff: &Tariff, target: i64) -> Vec<Line> {
        let wanted = match self.trade {
            Trade::Consumer => 1 + chance.index(if target > 12_000 { 4 } else { 2 }),
            Trade::Business => 1 + (target / 45_000).min(4) as usize + chance.index(3),
        };
        let mut lines: Vec<Line> = Vec::with_capacity(wanted);
        let mut left = target;
        for filled in 0..wanted {
            let open = (wanted - filled) as i64;
            let share = if open == 1 { left } else { left / open * chance.between(55, 145) / 100 };
            let Some(product) = self.choose(chance, stock, &lines, share) else { continue };
            let line = self.line(stock, tariff, product, share);
            left -= line.net();
            lines.push(line);
            if left * 25 < target {
                break;
            }
        }
        lines
    }

    /// A product that fits into the share and is not in the basket yet; of those looked at, the one that fits best.
    fn choose(&self, chance: &mut Chance, stock: &Stock, lines: &[Line], share: i64) -> Option<usize> {
        let mut best: Option<(i64, usize)> = None;
        for _ in 0..14 {
            let Some(product) = stock.reach(chance, self.range, self.favourites) else { continue };
            let ware = &stock.products[product];
            if !ware.sold_on(self.day) || lines.iter().any(|line| line.product == product) {
                continue;
            }
            let misfit =
                if ware.price > share { ware.price - share } else { (share - ware.price * MOST_PIECES).max(0) };
            if best.is_none_or(|(least, _)| misfit < least) {
                best = Some((misfit, product));
            }
            if misfit == 0 {
                break;
            }
        }
        best.map(|(_, product)| product)
    }

    fn line(&self, stock: &Stock, tariff: &Tariff, product: usize, share: i64) -> Line {
        let ware = &stock.products[product];
        let (rate, listed) = match self.range {
            Range::Euro => (EURO_PERCENT, stock.euro),
            _ => (100, None),
        };
        let price = |quantity: i64| {
            let quantity = quantity as i32;
            match listed {
                Some(list) => list.price(product, quantity).unwrap_or(ware.price * rate / 100),
                None => tariff.unit_price(product, quantity, self.day, self.groups),
            }
        };
        let most = if self.trade == Trade::Consumer { 12 } else { MOST_PIECES };
        let near = |unit: i64| ((share + unit / 2) / unit.max(1)).clamp(1, most);
        let mut quantity = near(price(near(price(1))));
        if self.trade == Trade::Business && quantity > 12 {
            quantity = (quantity + 2) / 5 * 5;
        }
        Line {
            product,
            quantity: quantity as i32,
            unit_price: price(quantity),
            list_price: (ware.price * rate + 50) / 100,
            unit_cost: (ware.cost * rate + 50) / 100,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::calendar::Calendar;
    use super::super::chance::Part;
    use super::super::{catalogue, groups, price_lists};
    use super::*;
    use chrono::DateTime;

    #[test]
    fn baskets_come_near_their_target_and_hold_what_the_customer_sees_at_its_price() {
        let calendar = Calendar::ending(DateTime::parse_from_rfc3339("2026-11-22T08:00:00Z").unwrap().to_utc());
        let products = catalogue::products(&calendar);
        let groups = groups::groups(&calendar);
        let lists = price_lists::price_lists(&calendar, &products);
        let (stock, tariff) = (Stock::of(&products, &lists), Tariff::of(&products, &groups, &lists));
        for (trade, members, range, target) in [
            (Trade::Consumer, vec![], Range::Standard, 9_000),
            (Trade::Consumer, vec![Key::New], Range::Limited, 16_000),
            (Trade::Business, vec![Key::Silver], Range::Standard, 75_000),
            (Trade::Business, vec![Key::Wholesale], Range::Trade, 60_000),
            (Trade::Business, vec![Key::Vip], Range::Vip, 250_000),
        ] {
            let mut sum = 0;
            for n in 0..200 {
                let mut chance = Chance::of(Part::Orders, n);
                let favourites = [n % 12, (n + 5) % 12];
                let day = calendar.days_ago(n as i64);
                let shopper = Shopper { trade, groups: &members, range, favourites: &favourites, day };
                let lines = shopper.fill(&mut chance, &stock, &tariff, target);
                assert!(!lines.is_empty(), "{members:?} {n}");
                for (place, line) in lines.iter().enumerate() {
                    assert!(line.quantity > 0 && products[line.product].sold_on(day));
                    assert_eq!(line.unit_price, tariff.unit_price(line.product, line.quantity, day, &members));
                    assert!(lines[..place].iter().all(|other| other.product != line.product));
                }
                sum += lines.iter().map(Line::net).sum::<i64>();
            }
            let mean = sum / 200;
            assert!((target * 90..target * 112).contains(&(mean * 100)), "{members:?}: {mean} for {target}");
        }
    }
}
