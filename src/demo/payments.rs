//! Whether an order is still open, when it is due, and when it was paid.

use super::calendar::Trade;
use super::chance::Chance;
use super::groups::{Group, Key};
use chrono::{DateTime, TimeDelta, Utc};

/// How an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// `completed`, `open` or `cancelled`.
    pub status: &'static str,
    /// When a bought-on-terms order is due.
    pub due_at: Option<DateTime<Utc>>,
    /// When it was paid.
    pub paid_at: Option<DateTime<Utc>>,
}

/// The net days of the first of these groups, its own or inherited; `None` pays at once.
pub fn net_days(groups: &[Key], settings: &[Group]) -> Option<i64> {
    let mut level = groups.first().copied();
    while let Some(key) = level {
        let terms = settings.iter().find(|group| group.key == key).and_then(|group| group.settings.terms);
        if let Some(terms) = terms {
            if let Some(days) = terms.net_days {
                return Some(i64::from(days));
            }
            if terms.explicit_none.contains(&"net_days") {
                return None;
            }
        }
        level = key.parent();
    }
    None
}

/// How an order stands that was placed at `placed`.
pub fn standing(
    chance: &mut Chance,
    now: DateTime<Utc>,
    placed: DateTime<Utc>,
    trade: Trade,
    terms: Option<i64>,
    payment_history: Option<&str>,
) -> Standing {
    let age = (now - placed).num_days();
    let slow = if trade == Trade::Business { 7 } else { 0 };
    let open = match age {
        ..=2 => chance.percent(80),
        3..=8 => chance.percent(32),
        9..=21 => chance.percent(slow),
        _ => false,
    };
    let cancelled = chance.permille(14);
    let on_terms = terms.filter(|_| chance.percent(84));
    if cancelled {
        return Standing { status: "cancelled", due_at: None, paid_at: None };
    }
    let status = if open { "open" } else { "completed" };
    let Some(days) = on_terms else { return Standing { status, due_at: None, paid_at: Some(placed) } };
    let due = placed + TimeDelta::days(days);
    let paid = due + TimeDelta::minutes(late(chance, payment_history, days) * 1_440 + chance.between(-300, 300));
    let never = payment_history == Some("poor") && chance.percent(18);
    let paid_at = Some(paid.max(placed + TimeDelta::hours(2))).filter(|at| *at <= now && !never);
    Standing { status, due_at: Some(due), paid_at }
}

/// Days after (or, negative, before) the due day.
fn late(chance: &mut Chance, payment_history: Option<&str>, net_days: i64) -> i64 {
    match payment_history {
        // In time for the early payment discount every other time.
        Some("excellent") if chance.percent(50) => chance.between(5, 9) - net_days,
        Some("excellent") => -chance.between(0, 8),
        Some("fair") => chance.between(-2, 24),
        Some("poor") => chance.between(12, 75),
        Some(_) | None => chance.between(-6, 3),
    }
}

#[cfg(test)]
mod tests {
    use super::super::calendar::Calendar;
    use super::super::chance::Part;
    use super::super::groups::groups;
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-11-22T08:00:00Z").unwrap().to_utc()
    }

    #[test]
    fn terms_come_from_the_nearest_level() {
        let settings = groups(&Calendar::ending(now()));
        for (members, days) in [
            (vec![], None),
            (vec![Key::Retail], None),
            (vec![Key::New], None),
            (vec![Key::Vip], Some(30)),
            (vec![Key::VipPlatinum, Key::Vip], Some(45)),
            (vec![Key::Silver], Some(15)),
            (vec![Key::Gold], Some(30)),
            (vec![Key::Reseller], Some(30)),
            (vec![Key::Distributor], Some(60)),
        ] {
            assert_eq!(net_days(&members, &settings), days, "{members:?}");
        }
    }

    #[test]
    fn nothing_is_paid_in_the_future_and_old_orders_are_not_open() {
        for n in 0..2_000 {
            let mut chance = Chance::of(Part::Orders, n);
            let placed = now() - TimeDelta::hours(n as i64 * 7);
            let history = [Some("excellent"), Some("poor"), None][n % 3];
            let one = standing(&mut chance, now(), placed, Trade::Business, Some(30), history);
            assert!(one.paid_at.is_none_or(|at| placed <= at && at <= now()), "{one:?}");
            assert!(one.status != "open" || now() - placed < TimeDelta::days(22), "{one:?}");
            assert!(one.status != "cancelled" || (one.due_at, one.paid_at) == (None, None));
            assert!(one.due_at.is_none_or(|due| due == placed + TimeDelta::days(30)));
        }
    }

    #[test]
    fn who_pays_excellently_pays_in_time() {
        for n in 0..500 {
            let mut chance = Chance::of(Part::Orders, n);
            let placed = now() - TimeDelta::days(200);
            let one = standing(&mut chance, now(), placed, Trade::Business, Some(30), Some("excellent"));
            let in_time =
                one.due_at.is_none_or(|due| one.paid_at.is_some_and(|paid| paid <= due + TimeDelta::hours(6)));
            assert!(in_time, "{one:?}");
        }
    }
}
