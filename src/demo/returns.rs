//! Credit notes: some orders come back in part, days or weeks later.

use super::baskets::Line;
use super::calendar::Calendar;
use super::chance::{Chance, Part};
use super::orders::Order;
use super::payments::Standing;
use chrono::TimeDelta;

/// Exactly `count` credit notes for completed orders that are old enough, each order at most once.
pub fn credit_notes(calendar: &Calendar, orders: &[Order], count: usize) -> Vec<Order> {
    let mut chance = Chance::of(Part::Returns, 0);
    let old_enough = calendar.now - TimeDelta::days(5);
    let candidates: Vec<&Order> =
        orders.iter().filter(|order| order.standing.status == "completed" && order.placed_at < old_enough).collect();
    let mut notes = Vec::with_capacity(count);
    for (passed, order) in candidates.iter().enumerate() {
        let (wanted, left) = ((count - notes.len()) as i64, (candidates.len() - passed) as i64);
        if chance.between(1, left) <= wanted {
            notes.push(credit_note(&mut chance, calendar, order));
        }
    }
    notes
}

fn credit_note(chance: &mut Chance, calendar: &Calendar, order: &Order) -> Order {
    let soonest = order.placed_at + TimeDelta::days(3);
    let placed_at = (soonest + TimeDelta::minutes(chance.between(0, 26 * 1_440))).min(calendar.now);
    let bought: Vec<&Line> = order.lines.iter().filter(|line| line.quantity > 0).collect();
    let first = chance.index(bought.len());
    let lines = bought.into_iter().skip(first).take(1 + usize::from(chance.percent(20)));
    let lines = lines.map(|line| {
        let most = if line.quantity > 4 { i64::from(line.quantity) * 2 / 5 } else { i64::from(line.quantity) };
        Line { quantity: -(chance.between(1, most) as i32), ..*line }
    });
    let lines: Vec<Line> = lines.collect();
    Order {
        id: chance.id(placed_at),
        number: String::new(),
        customer: order.customer,
        placed_at,
        currency: order.currency,
        standing: Standing { status: "completed", due_at: None, paid_at: Some(placed_at) },
        is_credit_note: true,
        lines,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn as_many_orders_as_wanted_come_back_in_part_and_none_in_the_future() {
        let calendar = Calendar::ending(DateTime::parse_from_rfc3339("2026-11-22T08:00:00Z").unwrap().to_utc());
        let line = Line { product: 7, quantity: 10, unit_price: 900, list_price: 1_000, unit_cost: 600 };
        let order = |n: i64| Order {
            id: Chance::of(Part::Returns, 1).id(calendar.now),
            number: String::new(),
            customer: n as usize,
            placed_at: calendar.now - TimeDelta::days(n),
            currency: "USD",
            standing: Standing {
                status: if n % 4 == 0 { "cancelled" } else { "completed" },
                due_at: None,
                paid_at: None,
            },
            is_credit_note: false,
            lines: vec![line, Line { quantity: -1, ..line }],
        };
        let orders: Vec<Order> = (0..80).map(order).collect();
        let notes = credit_notes(&calendar, &orders, 25);
        assert_eq!(notes.len(), 25);
        for (place, note) in notes.iter().enumerate() {
            let order = &orders[note.customer];
            assert!(order.standing.status == "completed" && note.customer > 5, "{}", note.customer);
            assert!(order.placed_at < note.placed_at && note.placed_at <= calendar.now);
            assert!(note.is_credit_note && note.lines.len() == 1, "what came back already does not come back again");
            assert!(note.lines.iter().all(|back| (-4..0).contains(&back.quantity) && back.unit_price == 900));
            assert!(notes[..place].iter().all(|other| other.customer != note.customer));
        }
    }
}
