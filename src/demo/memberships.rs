//! Memberships and the history of joins and leaves, once it is known whom the rules match (SPEC 4).

use super::chance::{Chance, Part};
use super::customers::Customer;
use super::groups::Key;
use super::stays::Stay;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use uuid::Uuid;

/// A customer in a group.
#[derive(Debug, PartialEq, Eq)]
pub struct Membership {
    /// The group.
    pub group: Key,
    /// The customer's id.
    pub customer: Uuid,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Added by a person.
    pub by_hand: bool,
    /// Matched by the group's rule.
    pub by_rule: bool,
    /// Whether it is the customer's primary group.
    pub is_primary: bool,
}

/// A join or a leave.
#[derive(Debug)]
pub struct Event {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// The group.
    pub group: Key,
    /// The customer's id.
    pub customer: Uuid,
    /// `joined` or `left`.
    pub kind: &'static str,
    /// `manual` or `rule`: how the customer was in.
    pub assignment: &'static str,
    /// Whether a rule run did it.
    pub by_rule_run: bool,
    /// Why.
    pub reason: &'static str,
}

/// Whom the rules match: since when the rule has held, by group and customer.
pub type Matches = HashMap<(Key, Uuid), DateTime<Utc>>;

/// The memberships of today and all joins and leaves. Who is in a group by rule is exactly who matches.
pub fn memberships(customers: &[Customer], matches: &Matches) -> (Vec<Membership>, Vec<Event>) {
    let mut chance = Chance::of(Part::Memberships, 0);
    let mut memberships = Vec::new();
    let mut events = Vec::new();
    for customer in customers {
        let stays = settled(&customer.stays, |group| matches.get(&(group, customer.id)).copied());
        let primary = stays.iter().filter(|stay| stay.left.is_none());
        let primary = primary.min_by_key(|stay| (!stay.as_primary, stay.from, stay.group.name())).map(|one| one.group);
        for stay in &stays {
            let by_hand = stay.by_hand;
            let assignment = if by_hand { "manual" } else { "rule" };
            let mut event = |at, kind, reason| {
                events.push(Event {
                    id: chance.id(at),
                    at,
                    group: stay.group,
                    customer: customer.id,
                    kind,
                    assignment,
                    by_rule_run: !by_hand,
                    reason,
                });
            };
            event(stay.from, "joined", stay.reason);
            if let Some((at, reason)) = stay.left {
                event(at, "left", reason);
                continue;
            }
            memberships.push(Membership {
                group: stay.group,
                customer: customer.id,
                since: stay.from,
                by_hand,
                by_rule: stay.by_rule,
                is_primary: primary == Some(stay.group),
            });
        }
    }
    (memberships, events)
}

/// A customer's stays with the rules' word, which says since when the rule of a group has matched: a stay by rule only
/// that no longer matches is none, a match without a stay is one.
fn settled(planned: &[Stay], matched: impl Fn(Key) -> Option<DateTime<Utc>>) -> Vec<Stay> {
    let mut stays = Vec::new();
    for stay in planned {
        if stay.left.is_some() {
            stays.push(stay.clone());
        } else if stay.by_hand || matched(stay.group).is_some() {
            stays.push(Stay { by_rule: matched(stay.group).is_some(), ..stay.clone() });
        }
    }
    for group in Key::ALL {
        let present = stays.iter().any(|stay| stay.group == group && stay.left.is_none());
        if let Some(from) = matched(group).filter(|_| !present) {
            stays.push(Stay::by_rule(group, from));
        }
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_decide_who_is_in_by_rule() {
        let day = |n: i64| DateTime::from_timestamp(n * 86_400, 0).unwrap();
        let past = Stay { left: Some((day(5), "")), ..Stay::by_rule(Key::New, day(1)) };
        let pinned = Stay { by_rule: true, ..Stay::by_hand(Key::Vip, day(3), "") };
        for (planned, matched, expected) in [
            (vec![], vec![], vec![]),
            (vec![], vec![Key::Vip], vec![Stay::by_rule(Key::Vip, day(9))]),
            (vec![Stay::by_rule(Key::Vip, day(3))], vec![], vec![]),
            (vec![Stay::by_rule(Key::Vip, day(3))], vec![Key::Vip], vec![Stay::by_rule(Key::Vip, day(3))]),
            (vec![Stay::by_hand(Key::Vip, day(3), "")], vec![], vec![Stay::by_hand(Key::Vip, day(3), "")]),
            (vec![Stay::by_hand(Key::Vip, day(3), "")], vec![Key::Vip], vec![pinned]),
            (vec![past.clone()], vec![Key::New], vec![past.clone(), Stay::by_rule(Key::New, day(9))]),
        ] {
            let found = settled(&planned, |group| matched.contains(&group).then(|| day(9)));
            assert_eq!(found, expected, "{planned:?} {matched:?}");
        }
    }
}
