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
