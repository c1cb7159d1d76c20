//! Forty buying companies; ten belong to another, eight decide the group of their customers (SPEC 6).

use super::calendar::Calendar;
use super::chance::{Chance, Part};
use super::groups::Key;
use super::names::Names;
use super::places::Place;
use super::words::FIRM;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// A buying company.
#[derive(Debug)]
pub struct Organization {
    /// Its id.
    pub id: Uuid,
    /// `ORG-001`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What its branches are called before their city.
    pub stem: &'static str,
    /// Where its head office is.
    pub place: Place,
    /// The organization above it, by its place in the row.
    pub parent: Option<usize>,
    /// The group that decides for its customers.
    pub group: Option<Key>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

const COUNT: usize = 40;

/// Which organizations have a group, by place.
const GROUPS: [(usize, Key); 8] = [
    (3, Key::Gold),
    (6, Key::Wholesale),
    (9, Key::Silver),
    (11, Key::Vip),
    (13, Key::Gold),
    (15, Key::Reseller),
    (17, Key::Distributor),
    (22, Key::Wholesale),
];

/// Which organizations stand under another.
const PARENTS: [(usize, usize); 10] =
    [(20, 0), (21, 0), (24, 1), (25, 2), (26, 2), (27, 5), (30, 8), (31, 8), (34, 27), (38, 12)];

/// All organizations. Their names are kept from being given to customers.
pub fn organizations(calendar: &Calendar, names: &mut Names) -> Vec<Organization> {
    let mut chance = Chance::of(Part::Organizations, 0);
    let mut stems: Vec<&'static str> = FIRM.to_vec();
    (0..COUNT)
        .map(|place| {
            let stem = stems.swap_remove(chance.index(stems.len()));
            let form = *chance.pick(&["Group", "Holdings", "Companies", "Industries"]);
            let name = format!("{stem} {form}");
            names.reserve(&name);
            let created_at = Calendar::midnight(calendar.days_ago(chance.between(900, 2_180))) + TimeDelta::hours(11);
            Organization {
                id: chance.id(created_at),
                code: format!("ORG-{:03}", place + 1),
                name,
                stem,
                place: Place::somewhere(&mut chance),
                parent: PARENTS.iter().find(|(child, _)| *child == place).map(|(_, parent)| *parent),
                group: GROUPS.iter().find(|(one, _)| *one == place).map(|(_, group)| *group),
                created_at,
            }
        })
        .collect()
}

/// An organization for a customer: a few have many branches, most have some.
pub fn of_branch(chance: &mut Chance, organizations: &[Organization], may_have_group: bool) -> Option<usize> {
    let weights: Vec<i64> = organizations
        .iter()
        .enumerate()
        .map(|(place, one)| if one.group.is_some() && !may_have_group { 0 } else { 1_000 / (place as i64 + 6) })
        .collect();
    if weights.iter().all(|weight| *weight == 0) { None } else { Some(chance.place(&weights)) }
}
