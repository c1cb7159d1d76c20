//! The segment: in any of these groups, in none of those, and a rule, all of which must hold.

use crate::error::FieldError;
use crate::inheritance::covering::covering;
use crate::inheritance::level::Levels;
use crate::products::line;
use crate::rules::facts::Facts;
use crate::rules::rule::Rule;
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// The most groups that something names, in and not in together.
pub const MOST_GROUPS: usize = 500;

/// An audience as it is decided about one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// In any of these groups or their subgroups; none = no condition.
    pub groups_in: Vec<Uuid>,
    /// In none of these.
    pub groups_not_in: Vec<Uuid>,
    /// And this holds.
    pub rule: Option<Rule>,
    /// Its rule can't be read any more, as the store's currency changed: nobody is in it until it is saved anew.
    pub is_broken: bool,
}

impl Segment {
    /// Whether a customer is in it, of whom these groups count. Without facts there is no customer, only a guest.
    pub fn holds(&self, levels: &Levels, counting: &[Uuid], facts: Option<&Facts>) -> bool {
        let lies_in = |chosen: &[Uuid]| counting.iter().any(|group| covering(levels, chosen, *group).is_some());
        let Some(facts) = facts.filter(|_| !self.is_broken) else { return false };
        (self.groups_in.is_empty() || lies_in(&self.groups_in))
            && !lies_in(&self.groups_not_in)
            && self.rule.as_ref().is_none_or(|rule| rule.holds(facts))
    }
}

/// A segment's fields, checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// 1–120 characters, unique whatever the case.
    pub name: String,
    /// Up to 2,000 characters.
    pub description: String,
    /// In any of these, by id.
    pub groups_in: Vec<Uuid>,
    /// In none of these, by id.
    pub groups_not_in: Vec<Uuid>,
    /// The rule as SPEC 5 writes it.
    pub rule: Option<Value>,
}

/// A segment's fields as typed or sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The name.
    pub name: String,
    /// The description.
    pub description: String,
    /// Groups by id, code or name.
    pub groups_in: Vec<String>,
    /// Groups by id, code or name.
    pub groups_not_in: Vec<String>,
    /// The rule.
    pub rule: Option<Value>,
}

/// What was typed → the group that is meant, with its name.
pub type KnownGroups = HashMap<String, (Uuid, String)>;

impl Typed {
    /// Checks every field but the rule, which is read for itself; all that is wrong is told at once.
    pub fn checked(&self, known: &KnownGroups) -> Result<Details, Vec<FieldError>> {
        let mut errors = Vec::new();
        let name = line::name("name", &self.name, 120).unwrap_or_else(|error| {
            errors.push(error);
            String::new()
        });
        let description = self.description.trim().to_owned();
        if description.chars().count() > 2_000 || description.contains('\0') {
            errors.push(FieldError::new("description", "Use at most 2,000 characters."));
        }
        let (groups_in, groups_not_in) = read_groups(&self.groups_in, &self.groups_not_in, known, &mut errors);
        if errors.is_empty() {
            Ok(Details { name, description, groups_in, groups_not_in, rule: self.rule.clone() })
        } else {
            Err(errors)
        }
    }
}

/// Reads groups "in" and "not in", each once and sorted; errors stand at `groups_in` and `groups_not_in`.
pub fn read_groups(
    groups_in: &[String],
    groups_not_in: &[String],
    known: &KnownGroups,
    errors: &mut Vec<FieldError>,
) -> (Vec<Uuid>, Vec<Uuid>) {
    if groups_in.len() + groups_not_in.len() > MOST_GROUPS {
        errors.push(FieldError::new("groups_in", "Choose at most 500 groups, in and not in together."));
        return (Vec::new(), Vec::new());
    }
    let mut read = |field: &str, typed: &[String]| {
        let mut ids = Vec::new();
        for text in typed {
            match known.get(text.trim()) {
                Some((id, _)) => ids.push(*id),
                None => errors.push(FieldError::new(
                    field,
                    format!("There is no group “{}”. Choose one of the suggestions.", text.trim()),
                )),
            }
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let (is_in, is_not_in) = (read("groups_in", groups_in), read("groups_not_in", groups_not_in));
    for id in is_not_in.iter().filter(|id| is_in.contains(id)) {
        let name = known.values().find(|(known, _)| known == id).map_or("", |(_, name)| name.as_str());
        let message = format!("{name} can't be both in and not in. Remove it from one of them.");
        errors.push(FieldError::new("groups_not_in", message));
    }
    (is_in, is_not_in)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inheritance::level::Level;
    use crate::money::Currency;
    use crate::rules::parse::{Context, parse};
    use serde_json::json;
    use std::sync::Arc;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn known() -> KnownGroups {
        KnownGroups::from([
            ("VIP".into(), (id(1), "VIP Customers".into())),
            ("VIP Customers".into(), (id(1), "VIP Customers".into())),
            ("GOLD".into(), (id(2), "Gold Tier".into())),
        ])
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn groups_are_known_and_on_one_side() {
        for (groups_in, not_in, read, wrong) in [
            (&["VIP", " GOLD "][..], &[][..], (vec![id(1), id(2)], vec![]), &[][..]),
            (&["VIP", "VIP Customers"], &["GOLD"], (vec![id(1)], vec![id(2)]), &[]),
            (&["NONE"], &[], (vec![], vec![]), &["groups_in"]),
            (&["VIP"], &["VIP Customers"], (vec![id(1)], vec![id(1)]), &["groups_not_in"]),
        ] {
            let mut errors = Vec::new();
            assert_eq!(read_groups(&texts(groups_in), &texts(not_in), &known(), &mut errors), read);
            assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), wrong);
        }
        let mut errors = Vec::new();
        read_groups(&vec!["VIP".into(); 501], &[], &known(), &mut errors);
        assert_eq!(errors.len(), 1);
    }

    #[test]
    fn fields_are_checked() {
        let good = Typed { name: " Big  buyers ".into(), ..Typed::default() };
        assert_eq!(good.checked(&known()).unwrap().name, "Big buyers");
        for (typed, field) in [
            (Typed { name: " ".into(), ..good.clone() }, "name"),
            (Typed { name: "x".repeat(121), ..good.clone() }, "name"),
            (Typed { description: "x".repeat(2_001), ..good.clone() }, "description"),
        ] {
            assert_eq!(typed.checked(&known()).unwrap_err()[0].field, field);
        }
    }

    fn facts(country: &str) -> Facts {
        Facts {
            id: id(9),
            code: "C".into(),
            name: "C".into(),
            status: "active".into(),
            country: Some(country.into()),
            region: None,
            organization: None,
            email: None,
            customer_since: None,
            payment_history: None,
            tags: Vec::new(),
            metadata: serde_json::Map::new(),
            net: 0,
            orders: 0,
            last_order_on: None,
            windows: HashMap::new(),
            groups: Vec::new(),
            today: "2026-03-10".parse().unwrap(),
        }
    }

    #[test]
    fn all_of_it_must_hold_over_the_groups_that_count() {
        let level = |n: u128, parent: u128| {
            let parent_id = (parent > 0).then(|| id(parent));
            (id(n), Arc::new(Level { id: id(n), parent_id, counts: true, ..Level::default() }))
        };
        // 3 stands below 1.
        let levels = Levels::from([level(1, 0), level(2, 0), level(3, 1)]);
        let rule = json!({"match": "all", "of": [{"field": "country", "op": "eq", "value": "DE"}]});
        let context = Context { currency: Currency::USD, groups: &[], own: None, is_stored: false };
        let rule = || Some(parse(&rule, &context).unwrap());
        for (groups_in, not_in, rule, counting, country, holds) in [
            (&[][..], &[][..], None, &[][..], "DE", true),
            (&[1], &[], None, &[1], "DE", true),
            (&[1], &[], None, &[3], "DE", true),
            (&[1, 2], &[], None, &[2], "DE", true),
            (&[1], &[], None, &[2], "DE", false),
            (&[1], &[], None, &[], "DE", false),
            (&[], &[1], None, &[2, 3], "DE", false),
            (&[], &[1], None, &[], "DE", true),
            (&[2], &[1], None, &[2, 1], "DE", false),
            (&[], &[], rule(), &[], "DE", true),
            (&[], &[], rule(), &[], "FR", false),
            (&[1], &[], rule(), &[1], "FR", false),
        ] {
            let ids = |numbers: &[u128]| numbers.iter().map(|n| id(*n)).collect::<Vec<_>>();
            let segment = Segment {
                id: id(8),
                name: "S".into(),
                groups_in: ids(groups_in),
                groups_not_in: ids(not_in),
                rule,
                is_broken: false,
            };
            let facts = facts(country);
            assert_eq!(segment.holds(&levels, &ids(counting), Some(&facts)), holds, "{segment:?} {counting:?}");
            assert!(!segment.holds(&levels, &ids(counting), None), "a guest is in no segment");
            assert!(!Segment { is_broken: true, ..segment }.holds(&levels, &ids(counting), Some(&facts)));
        }
    }
}
