//! When a customer joined and left groups: what the shop charged follows from it, and so do its memberships.

use super::calendar::Calendar;
use super::cast::When;
use super::chance::Chance;
use super::groups::Key;
use super::roster::{Role, Seat};
use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};

/// A customer's time in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The group.
    pub group: Key,
    /// Joined.
    pub from: DateTime<Utc>,
    /// Left, and why; `None` is still there.
    pub left: Option<(DateTime<Utc>, &'static str)>,
    /// Added by a person.
    pub by_hand: bool,
    /// Brought in by the group's rule.
    pub by_rule: bool,
    /// Whether it was added as the primary group.
    pub as_primary: bool,
    /// Why it was added by hand.
    pub reason: &'static str,
}

impl Stay {
    /// By hand, still there.
    pub fn by_hand(group: Key, from: DateTime<Utc>, reason: &'static str) -> Self {
        Self { group, from, left: None, by_hand: true, by_rule: false, as_primary: false, reason }
    }

    /// By rule, still there.
    pub fn by_rule(group: Key, from: DateTime<Utc>) -> Self {
        Self { group, from, left: None, by_hand: false, by_rule: true, as_primary: false, reason: "" }
    }

    /// Whether the customer was in the group at an instant.
    pub fn holds_at(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && self.left.is_none_or(|(left, _)| at < left)
    }
}

/// What a role has joined and left by itself. Joining VIP Customers by the rule comes with the purchases: see
/// [`promote`].
pub fn planned(chance: &mut Chance, calendar: &Calendar, role: &Role, since: NaiveDate) -> Vec<Stay> {
    let mut stays = Vec::new();
    let welcomed = since >= Key::New.created_on(calendar);
    let grown = since + Months::new(6);
    if welcomed {
        let mut stay = Stay::by_rule(Key::New, calendar.next_run(since));
        if grown <= calendar.today {
            stay.left = Some((Calendar::midnight(grown), ""));
        }
        stays.push(stay);
    }
    let retail_from = if welcomed { grown } else { since + Days::new(1) };
    if role.also_retail || role.home == Some(Key::Retail) {
        stays.push(Stay::by_hand(Key::Retail, at_work(chance, calendar, Key::Retail, retail_from), ""));
    }
    match role.home {
        Some(Key::Vip) => vip(chance, calendar, role, since, &mut stays),
        Some(key @ (Key::Gold | Key::Silver | Key::Bronze)) => {
            let wait = if role.young { chance.between(2, 20) } else { chance.between(15, 190) };
            tier(chance, calendar, key, since + TimeDelta::days(wait), &mut stays);
        }
        Some(key @ (Key::Wholesale | Key::Distributor | Key::Reseller)) => {
            let from = at_work(chance, calendar, key, since + Days::new(2));
            stays.push(Stay::by_hand(key, from, ""));
        }
        _ => {}
    }
    if role.former_vip {
        let from = at_work(
            chance,
            calendar,
            Key::Vip,
            (Key::Vip.created_on(calendar) + Days::new(45)).max(since + Days::new(30)),
        );
        let mut stay = Stay::by_hand(Key::Vip, from, "Founding member of the VIP programme");
        let left = from + TimeDelta::days(chance.between(200, 320));
        stay.left = Some((left.min(calendar.now), "Purchases fell; agreed with the customer"));
        stays.push(stay);
    }
    stays
}

/// A tier, and for some the tier below it before.
fn tier(chance: &mut Chance, calendar: &Calendar, key: Key, from: NaiveDate, stays: &mut Vec<Stay>) {
    let start = at_work(chance, calendar, key, from);
    let (below, odds, reason) = match key {
        Key::Gold => (Key::Silver, 40, "Moved up to Gold Tier"),
        Key::Silver => (Key::Bronze, 25, "Moved up to Silver Tier"),
        _ => (Key::Bronze, 0, ""),
    };
    let moved = start + TimeDelta::days(chance.between(170, 400));
    if chance.percent(odds) && moved < calendar.now - TimeDelta::days(20) {
        let mut earlier = Stay::by_hand(below, start, "");
        earlier.left = Some((moved, reason));
        stays.push(earlier);
        stays.push(Stay::by_hand(key, moved, reason));
    } else {
        stays.push(Stay::by_hand(key, start, ""));
    }
}

/// Those at home in VIP Customers come from Gold or Silver; who sits by hand has a date, the others buy their way in.
fn vip(chance: &mut Chance, calendar: &Calendar, role: &Role, since: NaiveDate, stays: &mut Vec<Stay>) {
    let tier = if chance.percent(70) { Key::Gold } else { Key::Silver };
    let waited = TimeDelta::days(chance.between(20, 120));
    let before = at_work(chance, calendar, tier, since + waited);
    let drawn = role.character.and_then(|one| one.seat).map(|(_, when)| when);
    let seated = match (role.seat, drawn) {
        (Some(Seat::Rule), Some(when)) => Some(calendar.next_run(when.day(calendar) - Days::new(1))),
        (Some(Seat::Hand | Seat::RuleAndHand), when) => {
            let when = when.unwrap_or_else(|| When::DaysAgo(chance.between(120, 500)));
            Some(at_work(chance, calendar, Key::Vip, when.day(calendar).max(since + Days::new(30))))
        }
        _ => None,
    };
    let mut earlier = Stay::by_hand(tier, before, "");
    if let Some(from) = seated {
        if before < from {
            earlier.left = Some((from, "Moved to VIP Customers"));
            stays.push(earlier);
        }
        stays.push(match role.seat {
            Some(Seat::Rule) => Stay::by_rule(Key::Vip, from),
            _ => Stay::by_hand(Key::Vip, from, "Key account"),
        });
    } else {
        stays.push(earlier);
    }
}

/// The rule brings a customer into VIP Customers at the run after the purchases of `day`; those at home there leave
/// their tier, and the invited ones join VIP Platinum some weeks later.
pub fn promote(chance: &mut Chance, calendar: &Calendar, role: &Role, day: NaiveDate, stays: &mut Vec<Stay>) {
    let from = calendar.next_run(day.max(Key::Vip.created_on(calendar)));
    if role.home == Some(Key::Vip) {
        for stay in stays.iter_mut().filter(|stay| stay.by_hand && stay.left.is_none() && stay.from < from) {
            stay.left = Some((from, "Moved to VIP Customers"));
        }
    }
    stays.push(Stay::by_rule(Key::Vip, from));
    if role.platinum {
        let invited = from.date_naive() + TimeDelta::days(chance.between(20, 90));
        let from = at_work(chance, calendar, Key::VipPlatinum, invited);
        let mut stay = Stay::by_hand(Key::VipPlatinum, from, "Invited by the account manager");
        stay.as_primary = true;
        stays.push(stay);
    }
}

/// A time in office hours on a day when the group existed, and before now.
fn at_work(chance: &mut Chance, calendar: &Calendar, key: Key, day: NaiveDate) -> DateTime<Utc> {
    let day = day.max(key.created_on(calendar) + Days::new(1)).min(calendar.today - Days::new(1));
    Calendar::midnight(day) + TimeDelta::minutes(chance.between(13 * 60, 21 * 60))
}

#[cfg(test)]
mod tests {
    use super::super::chance::Part;
    use super::super::roster::roles;
    use super::*;

    #[test]
    fn nobody_is_in_a_group_twice_at_once_or_leaves_before_joining_or_joins_in_the_future() {
        for now in ["2025-01-01T00:00:00Z", "2026-11-22T08:00:00Z", "2031-03-31T23:00:00Z"] {
            let calendar = Calendar::ending(DateTime::parse_from_rfc3339(now).unwrap().to_utc());
            for (n, role) in roles().iter().enumerate() {
                let mut chance = Chance::of(Part::Memberships, n);
                let age = if role.young { 100 } else { 210 + n as i64 };
                let since = role.character.map_or(calendar.days_ago(age), |one| one.since.day(&calendar));
                let mut stays = planned(&mut chance, &calendar, role, since);
                if role.seat == Some(Seat::Rule) && !stays.iter().any(|stay| stay.group == Key::Vip) {
                    promote(&mut chance, &calendar, role, calendar.days_ago(3), &mut stays);
                }
                for (place, stay) in stays.iter().enumerate() {
                    assert!(stay.from <= calendar.now && stay.from.date_naive() >= since, "{role:?} {stay:?}");
                    assert!(stay.from.date_naive() >= stay.group.created_on(&calendar), "{role:?} {stay:?}");
                    assert!(stay.left.is_none_or(|(left, _)| stay.from < left && left <= calendar.now), "{stay:?}");
                    let again = stays.iter().skip(place + 1).any(|other| {
                        other.group == stay.group && (other.holds_at(stay.from) || stay.holds_at(other.from))
                    });
                    assert!(!again, "{role:?} {stays:?}");
                }
            }
        }
    }

    #[test]
    fn buying_ones_way_into_vip_ends_the_tier_and_keeps_the_trade() {
        let calendar = Calendar::ending(DateTime::parse_from_rfc3339("2026-11-22T08:00:00Z").unwrap().to_utc());
        let open = |home: Key| {
            let role = roles().into_iter().rfind(|r| r.home == Some(home) && r.seat == Some(Seat::Rule)).unwrap();
            let mut chance = Chance::of(Part::Memberships, 0);
            let mut stays = planned(&mut chance, &calendar, &role, calendar.days_ago(1_400));
            promote(&mut chance, &calendar, &role, calendar.days_ago(200), &mut stays);
            let open = stays.into_iter().filter(|stay| stay.left.is_none());
            open.map(|stay| (stay.group, stay.from)).collect::<Vec<_>>()
        };
        let run = Calendar::midnight(calendar.days_ago(199));
        assert_eq!(open(Key::Vip), [(Key::Vip, run)]);
        assert_eq!(
            open(Key::Wholesale).into_iter().map(|(key, _)| key).collect::<Vec<_>>(),
            [Key::Wholesale, Key::Vip]
        );
    }
}
