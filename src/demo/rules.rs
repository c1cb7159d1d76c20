//! The rules of the demo's automatic and hybrid groups, as SPEC 5 writes them.

use super::groups::Key;
use super::shop::Shop;
use chrono::{DateTime, Months, NaiveDate, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// The rule that a group stores; `None` where members are chosen by hand only.
pub fn rule(key: Key) -> Option<Value> {
    match key {
        Key::Vip => Some(json!({"match": "all", "of": [
            {"field": "total_purchases", "op": "gt", "value": "50000.00"},
            {"field": "account_age_months", "op": "gt", "value": 12},
            {"field": "payment_history", "op": "eq", "value": "excellent"},
        ]})),
        Key::New => Some(json!({"match": "all", "of": [
            {"field": "account_age_months", "op": "lt", "value": 6},
            {"field": "status", "op": "eq", "value": "active"},
        ]})),
        Key::Returning => Some(json!({"match": "all", "of": [
            {"field": "metadata.channel", "op": "eq", "value": "web shop"},
            {"field": "order_count", "op": "gte", "value": 5},
            {"field": "days_since_last_order", "op": "lte", "value": 365},
            {"field": "account_age_months", "op": "gte", "value": 6},
            {"field": "status", "op": "eq", "value": "active"},
        ]})),
        _ => None,
    }
}

/// Since which run the rule of a group has matched a customer that it matches now.
pub fn holds_since(shop: &Shop, key: Key, customer: Uuid) -> DateTime<Utc> {
    let calendar = &shop.calendar;
    let Some(place) = shop.customers.iter().position(|one| one.id == customer) else {
        return calendar.next_run(calendar.today);
    };
    let since = shop.customers[place].since;
    match key {
        Key::New => calendar.next_run(since),
        Key::Returning => {
            let orders = shop.orders.iter().filter(|one| one.customer == place && one.counts() && !one.is_credit_note);
            let days: Vec<NaiveDate> = orders.map(|order| order.placed_at.date_naive()).collect();
            let grown = (since + Months::new(6)).max(key.created_on(calendar));
            calendar.next_run(returned(&days).map_or(grown, |day| day.max(grown)))
        }
        _ => calendar.next_run(calendar.today),
    }
}

/// The day of the order that made someone a returning customer: the fifth, or the first after a year without.
fn returned(days: &[NaiveDate]) -> Option<NaiveDate> {
    let mut day = days.get(4).copied()?;
    for pair in days.get(4..)?.windows(2) {
        if (pair[1] - pair[0]).num_days() > 365 {
            day = pair[1];
        }
    }
    Some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_orders_make_a_returning_customer_and_a_year_without_one_unmakes_it() {
        let days = |all: &[&str]| all.iter().map(|day| day.parse().unwrap()).collect::<Vec<NaiveDate>>();
        for (orders, day) in [
            (days(&["2024-01-01", "2024-02-01", "2024-03-01"]), None),
            (
                days(&["2024-01-01", "2024-02-01", "2024-03-01", "2024-03-15", "2024-04-01", "2024-05-01"]),
                Some("2024-04-01"),
            ),
            (
                days(&["2024-01-01", "2024-02-01", "2024-03-01", "2024-03-15", "2024-04-01", "2025-04-01"]),
                Some("2024-04-01"),
            ),
            (
                days(&["2024-01-01", "2024-02-01", "2024-03-01", "2024-03-15", "2024-04-01", "2025-04-02"]),
                Some("2025-04-02"),
            ),
        ] {
            assert_eq!(returned(&orders), day.map(|text| text.parse().unwrap()), "{orders:?}");
        }
    }
}
