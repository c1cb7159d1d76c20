//! Orders and their lines: seasons, a few big buyers, the odd credit note.

use super::calendar::Calendar;
use super::catalogue::Product;
use super::customers::customer_id;
use super::draw::{Draw, Part, id};
use super::rows::Rows;
use super::sizes::Sizes;
use crate::error::Result;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use uuid::Uuid;

/// Lines of an order at most, as [`Sizes::check`] promises.
const MOST_LINES: usize = 100;

/// An order; its lines are drawn from it again, wherever they are needed.
struct Order {
    id: Uuid,
    number: usize,
    day: NaiveDate,
    placed_at: DateTime<Utc>,
    /// The customer's place among all, the biggest buyers first.
    customer: usize,
    lines: usize,
    is_credit_note: bool,
    draw: Draw,
}

/// A line.
struct Line {
    product: Product,
    quantity: i64,
    unit_price: i64,
}

/// All orders in the order of their days.
fn orders<'a>(sizes: &'a Sizes, calendar: &'a Calendar) -> impl Iterator<Item = Order> + 'a {
    let by_day = calendar.orders_by_day(sizes.orders);
    let places = by_day.into_iter().enumerate();
    let places = places.flat_map(|(day, count)| (0..count).map(move |place| (day, place, count)));
    let mut lines_left = sizes.lines;
    places.enumerate().map(move |(number, (day, place, count))| {
        let mut draw = Draw::of(Part::Order, number);
        let date = calendar.order_day(day);
        // From six to ten in the evening.
        let second = 21_600 + 57_600 * place as i64 / count as i64;
        let placed_at = date.and_time(NaiveTime::MIN).and_utc() + TimeDelta::seconds(second);
        let lines = lines(lines_left, sizes.orders - number, &mut draw);
        lines_left -= lines;
        Order {
            id: id(Part::Order, number, placed_at.timestamp_millis()),
            number,
            day: date,
            placed_at,
            customer: draw.skewed(calendar.customers_on(day)),
            lines,
            is_credit_note: draw.below(1_000) < 15,
            draw,
        }
    })
}

/// How many of the lines left this order has, where so many orders are left: mostly few, at times many, and in the end
/// none is left over.
fn lines(left: usize, orders: usize, draw: &mut Draw) -> usize {
    let others = orders - 1;
    let least = left.saturating_sub(others * MOST_LINES).max(1);
    let most = left.saturating_sub(others).clamp(least, least.max(MOST_LINES));
    if others == 0 {
        return left;
    }
    // One, and one more as long as a coin says so; the coin is such that the mean is what is left for each.
    let more = left - orders;
    let mut lines = 1;
    while lines < most && draw.below(left.max(1)) < more {
        lines += 1;
    }
    lines.clamp(least, most)
}

impl Order {
    /// The lines, the same each time.
    fn lines<'a>(&self, sizes: &Sizes, products: &'a [Product]) -> impl Iterator<Item = Line> + use<'a> {
        let mut draw = self.draw.clone();
        // The first hundredth of the customers buys by the case, and pays less.
        let wholesale = self.customer < sizes.customers.div_ceil(100);
        let sign = if self.is_credit_note { -1 } else { 1 };
        (0..self.lines).map(move |_| {
            let product = products[draw.skewed(products.len())];
            let quantity = if wholesale { draw.between(10, 200) } else { 1 + draw.skewed(9) as i64 };
            let percent = if wholesale { draw.between(70, 90) } else { draw.between(85, 100) };
            Line { product, quantity: sign * quantity, unit_price: product.price * percent / 100 }
        })
    }
}

/// Writes the orders' rows: id, order_number, customer_id, placed_at, day, status, currency, net, gross, cost,
/// is_credit_note, paid_at, due_at.
pub fn write_orders(sizes: &Sizes, products: &[Product], calendar: &Calendar, rows: &mut Rows<'_>) -> Result<()> {
    for order in orders(sizes, calendar) {
        let (mut net, mut gross, mut cost) = (0, 0, 0);
        for line in order.lines(sizes, products) {
            net += line.quantity * line.unit_price;
            gross += line.quantity * line.product.price;
            cost += line.quantity * line.product.cost;
        }
        let mut draw = Draw::of(Part::Order, sizes.orders + order.number);
        let recent = (sizes.until - order.day).num_days() < 21;
        let status = match draw.below(100) {
            0 | 1 => "cancelled",
            2..=31 if recent => "open",
            _ => "completed",
        };
        let due_at = draw.percent(40).then(|| order.placed_at + TimeDelta::days(30));
        let paid_after = if due_at.is_some() { draw.between(5, 60) } else { 0 };
        let paid_at = Some(order.placed_at + TimeDelta::days(paid_after)).filter(|at| *at < calendar.close());
        rows.id(order.id);
        rows.text(&format!("B{:09}", order.number));
        rows.id(customer_id(order.customer, calendar));
        rows.instant(order.placed_at);
        rows.day(Some(order.day));
        rows.text(status);
        rows.text(if draw.percent(99) { "USD" } else { "EUR" });
        rows.number(net);
        rows.number(gross);
        rows.number(cost);
        rows.flag(order.is_credit_note);
        rows.maybe_instant(paid_at.filter(|_| status == "completed"));
        rows.maybe_instant(due_at);
        rows.end()?;
    }
    Ok(())
}

/// Writes the lines' rows: order_id, line, product_id, quantity, unit_price, list_price, unit_cost.
pub fn write_lines(sizes: &Sizes, products: &[Product], calendar: &Calendar, rows: &mut Rows<'_>) -> Result<()> {
    for order in orders(sizes, calendar) {
        for (line, number) in order.lines(sizes, products).zip(1..) {
            rows.id(order.id);
            rows.number(number);
            rows.id(line.product.id);
            rows.number(line.quantity);
            rows.number(line.unit_price);
            rows.number(line.product.price);
            rows.number(line.product.cost);
            rows.end()?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(orders: usize, lines: usize) -> Sizes {
        let until = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
        Sizes { customers: 1_000, orders, lines, ..Sizes::scaled(0.001, until) }
    }

    #[test]
    fn orders_and_lines_are_as_many_as_asked_for() {
        for (count, lines) in [(2_000, 5_000), (10, 10), (10, 1_000), (1, 3), (50, 4_990)] {
            let sizes = sizes(count, lines);
            let calendar = Calendar::new(sizes.until, sizes.customers);
            let made: Vec<usize> = orders(&sizes, &calendar).map(|order| order.lines).collect();
            assert_eq!((made.len(), made.iter().sum::<usize>()), (count, lines));
            assert!(made.iter().all(|lines| (1..=MOST_LINES).contains(lines)), "{made:?}");
        }
    }

    #[test]
    fn a_few_customers_buy_much() {
        let sizes = sizes(20_000, 50_000);
        let calendar = Calendar::new(sizes.until, sizes.customers);
        let of_first_tenth = orders(&sizes, &calendar).filter(|order| order.customer < 100).count();
        assert!((6_000..9_000).contains(&of_first_tenth), "{of_first_tenth}");
    }
}
