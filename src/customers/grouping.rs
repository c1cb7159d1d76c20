//! Groups by name on a customer: what saving the customer with a list of names changes (SPEC 13, `customerGroups`).

use super::customer::Details;
use crate::groups::group::{Details as GroupDetails, GroupType, ROOT_ID};
use crate::organizations::organization::single_spaced;
use uuid::Uuid;

/// The most groups of a customer (SPEC 15).
pub const MOST_GROUPS: usize = 500;

/// A membership in a live group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The group.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: GroupType,
    /// Whether somebody put the customer there by hand.
    pub by_hand: bool,
}

impl Held {
    /// Whether the list of names decides about it: by hand in a manual group.
    pub fn is_listed(&self) -> bool {
        self.by_hand && self.kind == GroupType::Manual
    }
}

/// A live group of a wanted name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The group.
    pub id: Uuid,
    /// Its name as it is written.
    pub name: String,
    /// Its type.
    pub kind: GroupType,
}

/// The names of a list, with single spaces, blanks and repeats left out.
///
/// # Errors
/// A sentence for the field: a name that no group could have, or too many of them.
pub fn names(list: &[String]) -> Result<Vec<String>, String> {
    let mut names: Vec<String> = Vec::new();
    for name in list.iter().map(|name| single_spaced(name)).filter(|name| !name.is_empty()) {
        if let Err(wrong) = GroupDetails::named(&name).checked() {
            let why = wrong.first().map(|error| error.message.clone()).unwrap_or_default();
            return Err(format!("“{}” can't be a group's name. {why}", shortened(&name)));
        }
        if !names.iter().any(|known| known.to_lowercase() == name.to_lowercase()) {
            names.push(name);
        }
    }
    match names.len() {
        0..=MOST_GROUPS => Ok(names),
        _ => Err(format!("A customer is in at most {MOST_GROUPS} groups.")),
    }
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// What a list of names changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Groups that the customer joins by hand, in the order of the names; the first one becomes primary where there is
    /// none.
    pub join: Vec<Uuid>,
    /// Names of groups that have to be made first, to be joined, too.
    pub make: Vec<String>,
    /// Manual groups that the customer was in by hand and that aren't named.
    pub leave: Vec<Uuid>,
}

impl Change {
    /// Whether nothing changes.
    pub fn is_nothing(&self) -> bool {
        self.join.is_empty() && self.make.is_empty() && self.leave.is_empty()
    }
}

/// Decides what the names change: memberships by hand in manual groups become exactly these. All Customers is ignored.
/// A group that the customer is in already, by hand or by rule, stays as it is, so that what was read can be sent back.
///
/// # Errors
/// A sentence for the field: an automatic group that the customer isn't in.
pub fn change(names: &[String], known: &[(String, Known)], held: &[Held]) -> Result<Change, String> {
    let mut change = Change::default();
    let mut named = Vec::new();
    for name in names {
        let Some((_, group)) = known.iter().find(|(wanted, _)| wanted == name) else {
            change.make.push(name.clone());
            continue;
        };
        named.push(group.id);
        let member = held.iter().find(|membership| membership.id == group.id);
        // A manual group may hold a member by rule only until its type's change is written through; it is pinned.
        let stays = member.is_some_and(|member| member.by_hand || group.kind != GroupType::Manual);
        if group.id == ROOT_ID || stays {
            continue;
        }
        if group.kind == GroupType::Automatic {
            return Err(format!("{} is an automatic group: its members come by rule. Leave its name out.", group.name));
        }
        change.join.push(group.id);
    }
    let leaves = held.iter().filter(|membership| membership.is_listed() && !named.contains(&membership.id));
    change.leave = leaves.map(|membership| membership.id).collect();
    Ok(change)
}

/// All that is typed for a customer besides its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The customer's fields.
    pub details: Details,
    /// Its metadata; `None` = as it is.
    pub metadata: Option<serde_json::Map<String, serde_json::Value>>,
    /// The names of its groups; `None` = as they are.
    pub groups: Option<Vec<String>>,
}

/// The names that a form asks for: what its person added to and took from the list that the form came with, on top of
/// what is there now. `None` where the person left the list alone.
pub fn asked(was: &[String], typed: &[String], now: &[String]) -> Option<Vec<String>> {
    let has = |list: &[String], name: &String| list.iter().any(|known| known.to_lowercase() == name.to_lowercase());
    let taken = |name: &&String| has(was, name) && !has(typed, name);
    let added = |name: &&String| !has(was, name) && !has(now, name);
    let unchanged = typed.iter().all(|name| has(was, name)) && was.iter().all(|name| has(typed, name));
    let kept = now.iter().filter(|name| !taken(name));
    (!unchanged).then(|| kept.chain(typed.iter().filter(added)).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_asks_for_what_its_person_changed() {
        for (was, typed, now, asked_for) in [
            // Left alone, whatever happened meanwhile.
            ("A B", "b A", "A C", None),
            ("A", "A B", "A", Some("A B")),
            ("A B", "A", "A B", Some("A")),
            // Somebody else added C and took B.
            ("A B", "A B D", "A C", Some("A C D")),
            ("A B", "B", "A B C", Some("B C")),
            ("", "A", "A", Some("A")),
        ] {
            let list = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(asked(&list(was), &list(typed), &list(now)), asked_for.map(list), "{was} → {typed}, now {now}");
        }
    }

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn known(name: &str, n: u128, kind: GroupType) -> (String, Known) {
        (name.into(), Known { id: id(n), name: name.into(), kind })
    }

    fn held(n: u128, kind: GroupType, by_hand: bool) -> Held {
        Held { id: id(n), name: n.to_string(), kind, by_hand }
    }

    #[test]
    fn names_are_cleaned_and_checked() {
        let of = |list: &[&str]| names(&list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&[" VIP \t Club ", "", "vip club", "Gold"]), Ok(vec!["VIP Club".into(), "Gold".into()]));
        assert!(of(&["a;b"]).unwrap_err().starts_with("“a;b” can't be a group's name. Leave out the semicolon"));
        assert!(of(&["x".repeat(121).as_str()]).unwrap_err().contains("at most 120"));
        let many: Vec<String> = (0..501).map(|n| n.to_string()).collect();
        assert_eq!(names(&many).unwrap_err(), "A customer is in at most 500 groups.");
        assert!(names(&many[..500]).is_ok());
    }

    #[test]
    fn memberships_by_hand_in_manual_groups_become_exactly_the_named_ones() {
        use GroupType::*;
        let groups = [
            known("All", 0, Manual),
            known("A", 1, Manual),
            known("B", 2, Manual),
            known("Hybrid", 3, Hybrid),
            known("Auto", 4, Automatic),
        ];
        let groups: Vec<_> = groups
            .into_iter()
            .map(|(name, g)| (name.clone(), if name == "All" { Known { id: ROOT_ID, ..g } } else { g }))
            .collect();
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let ids = |list: &[u128]| list.iter().map(|n| id(*n)).collect::<Vec<_>>();
        let in_a = [held(1, Manual, true)];
        for (wanted, held, join, make, leave) in [
            (&["A", "B"][..], &in_a[..], &[2][..], &[][..], &[][..]),
            (&["B"], &in_a, &[2], &[], &[1]),
            (&[], &in_a, &[], &[], &[1]),
            (&["A", "New"], &in_a, &[], &["New"], &[]),
            (&["All"], &[], &[], &[], &[]),
            (&["Hybrid"], &[], &[3], &[], &[]),
            // Sent back as read: who is there by rule stays so, pinned by nobody.
            (&["Hybrid", "Auto"], &[held(3, Hybrid, false), held(4, Automatic, false)], &[], &[], &[]),
            // Hybrid groups are joined by their names and left on their own page.
            (&[], &[held(3, Hybrid, true), held(4, Automatic, false)], &[], &[], &[]),
        ] {
            let make = names(make);
            let expected = Change { join: ids(join), make, leave: ids(leave) };
            assert_eq!(change(&names(wanted), &groups, held), Ok(expected), "{wanted:?}");
        }
        assert!(change(&names(&["Auto"]), &groups, &in_a).unwrap_err().starts_with("Auto is an automatic group"));
    }
}
