//! In which order a group's price lists are asked (SPEC 6, 7): lower comes first, then the list's name, then its code.

use crate::inheritance::own::AssignedList;
use chrono::NaiveDate;

/// The priorities that are proposed, in order.
const PROPOSED: [i32; 3] = [1, 10, 100];

/// What a text that isn't a priority is answered with.
pub const WANTED: &str = "The priority is a whole number from 1; lower comes first.";

/// A priority as typed or sent.
pub fn parse(text: &str) -> Result<i32, &'static str> {
    text.trim().parse().ok().filter(|priority| *priority >= 1).ok_or(WANTED)
}

/// What to say where no list of a group is in force.
pub const NONE_IN_FORCE: &str =
    "None of these lists is in force today: they price nothing until one is active and within its dates.";

/// The priority proposed for the next list of a group: the first of 1, 10, 100 behind all that are taken; after those, the
/// next round number.
pub fn next(taken: impl IntoIterator<Item = i32>) -> i32 {
    let last = taken.into_iter().max().unwrap_or(0);
    let proposed = PROPOSED.into_iter().find(|priority| *priority > last);
    proposed.unwrap_or_else(|| (last / 10).saturating_add(1).checked_mul(10).unwrap_or(i32::MAX))
}

/// Lists that share a priority, so that their names decide which comes first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The priority.
    pub priority: i32,
    /// The lists' names in the order in which they are asked.
    pub names: Vec<String>,
}

impl Shared {
    /// What to say about it.
    pub fn warning(&self) -> String {
        let (last, others) = self.names.split_last().map_or(("", &[][..]), |(last, others)| (last.as_str(), others));
        format!(
            "{} and {last} have the same priority, {}. Their names decide which comes first.",
            others.join(", "),
            self.priority
        )
    }
}

/// The priorities that several of a group's lists share.
pub fn shared(lists: &[AssignedList]) -> Vec<Shared> {
    let mut sorted: Vec<&AssignedList> = lists.iter().collect();
    sorted.sort_by(|a, b| (a.priority, &a.name, &a.code).cmp(&(b.priority, &b.name, &b.code)));
    sorted
        .chunk_by(|a, b| a.priority == b.priority)
        .filter(|lists| lists.len() > 1)
        .map(|lists| Shared {
            priority: lists[0].priority,
            names: lists.iter().map(|list| list.name.clone()).collect(),
        })
        .collect()
}

/// Whether a group has lists and none of them prices anything on a store day: it then pays as if it had none.
pub fn none_in_force(lists: &[AssignedList], day: NaiveDate) -> bool {
    let holds = |list: &AssignedList| {
        list.active && list.valid_from.is_none_or(|from| from <= day) && list.valid_to.is_none_or(|to| day <= to)
    };
    !lists.is_empty() && !lists.iter().any(holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use uuid::Uuid;

    fn list(name: &str, priority: i32) -> AssignedList {
        AssignedList {
            id: Uuid::nil(),
            code: name.to_lowercase(),
            name: name.into(),
            priority,
            active: true,
            currency: Currency::USD,
            valid_from: None,
            valid_to: None,
        }
    }

    #[test]
    fn the_next_priority_stands_behind_all_others() {
        for (taken, expected) in [
            (vec![], 1),
            (vec![1], 10),
            (vec![10, 1], 100),
            (vec![5], 10),
            (vec![100], 110),
            (vec![1, 10, 100, 110], 120),
            (vec![i32::MAX], i32::MAX),
        ] {
            assert_eq!(next(taken.clone()), expected, "{taken:?}");
        }
    }

    #[test]
    fn a_priority_is_a_whole_number_from_1() {
        for (text, expected) in [
            ("1", Some(1)),
            (" 100 ", Some(100)),
            ("0", None),
            ("-1", None),
            ("1.5", None),
            ("high", None),
            ("", None),
            ("9999999999", None),
        ] {
            assert_eq!(parse(text).ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn equal_priorities_are_warned_about() {
        assert_eq!(shared(&[list("A", 1), list("B", 10)]), []);
        let shared = shared(&[list("C", 10), list("A", 1), list("B", 10), list("A", 10)]);
        assert_eq!(shared.len(), 1);
        assert_eq!(shared[0].names, ["A", "B", "C"]);
        assert_eq!(shared[0].warning(), "A, B and C have the same priority, 10. Their names decide which comes first.");
    }

    #[test]
    fn lists_that_are_all_out_of_force_are_as_good_as_none() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = day("2026-03-10");
        let inactive = AssignedList { active: false, ..list("A", 1) };
        let early = AssignedList { valid_from: Some(day("2026-03-11")), ..list("B", 1) };
        let late = AssignedList { valid_to: Some(day("2026-03-09")), ..list("C", 1) };
        let just = AssignedList { valid_from: Some(today), valid_to: Some(today), ..list("D", 1) };
        assert!(!none_in_force(&[], today));
        assert!(none_in_force(&[inactive.clone(), early, late.clone()], today));
        assert!(!none_in_force(&[inactive, late, just], today));
    }
}
