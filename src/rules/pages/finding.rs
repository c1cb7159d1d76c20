//! What a rule finds, as the builder shows it: the sentence, the funnel, who, and what is missing.

use crate::clock::store_day;
use crate::db::keyset::{self, Place};
use crate::error::Result;
use crate::groups::group::GroupType;
use crate::groups::store::Group;
use crate::rules::rule::{Node, Rule};
use crate::rules::store::compile::{People, compile};
use crate::rules::store::preview::{self, Listed, Preview, Who, WhoKey};
use crate::store_settings::settings::StoreSettings;
use crate::web::format::Whole;
use chrono::{DateTime, Utc};
use diesel::PgConnection;

/// Customers of a list on a page.
const SHOWN: usize = 10;

/// Which customers are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Of which kind.
    pub who: Who,
    /// From where on.
    pub place: Place<WhoKey>,
}

impl Asked {
    /// What a button of the list asks for: `joining`, `joining.after.KEY`.
    pub fn of(text: &str) -> Self {
        let mut parts = text.splitn(3, '.');
        let who = Who::of_name(parts.next().unwrap_or_default());
        let place = match (parts.next(), parts.next()) {
            (Some("after"), Some(key)) => Place::of(key, ""),
            (Some("before"), Some(key)) => Place::of("", key),
            _ => Place::Start,
        };
        Self { who, place }
    }
}

/// A step of the funnel.
pub struct Step {
    /// The condition as a sentence.
    pub condition: String,
    /// Who passes it by itself.
    pub passes: i64,
    /// Who is left after it, where all conditions must hold.
    pub remaining: Option<i64>,
    /// How deep it is nested.
    pub depth: usize,
}

/// A field that some customers lack.
pub struct Lacking {
    /// The field in words.
    pub field: String,
    /// How many lack it.
    pub customers: i64,
    /// Hundredths of all customers.
    pub percent: i64,
}

/// What a rule finds.
pub struct Finding {
    /// The counts.
    pub preview: Preview,
    /// The funnel.
    pub steps: Vec<Step>,
    /// What is missing.
    pub lacking: Vec<Lacking>,
    /// Whom the list shows.
    pub who: Who,
    /// The list.
    pub listed: Vec<Listed>,
    /// The buttons to the neighbouring pages of the list.
    pub previous: Option<String>,
    /// The next page.
    pub next: Option<String>,
    /// Whether a run of the rule changes members: not in a manual group.
    pub is_for_members: bool,
}

impl Finding {
    /// A share of all customers, in hundredths.
    pub fn percent(&self, of: impl Whole) -> i64 {
        percent(of.whole(), self.preview.customers)
    }

    /// How many the list has in all.
    pub fn total(&self, who: &Who) -> i64 {
        match who {
            Who::Matching => self.preview.matched,
            Who::Joining => self.preview.joins,
            Who::Leaving => self.preview.leaves,
        }
    }
}

fn percent(part: i64, whole: i64) -> i64 {
    if whole > 0 { (part * 200 + whole) / (whole * 2) } else { 0 }
}

/// Finds whom a rule would match now.
pub fn find(
    conn: &mut PgConnection,
    rule: &Rule,
    group: &Group,
    store: &StoreSettings,
    asked: &Asked,
    now: DateTime<Utc>,
) -> Result<Finding> {
    let compiled = compile(rule, store.currency, store_day(now, store.time_zone), &People::All);
    let is_for_members = group.kind() != GroupType::Manual;
    let counted = is_for_members.then_some(group);
    let preview = preview::count(conn, &compiled, counted)?;
    let page = preview::who(conn, &compiled, counted, asked.who, preview.places(), &asked.place, SHOWN)?;
    let button = |way: &str, row: Option<&Listed>| {
        row.map(|row| format!("{}.{way}.{}", asked.who.name(), keyset::encode(&(&row.folded, row.id))))
    };
    let lacking = preview.missing.iter().filter(|(_, customers)| *customers > 0).map(|(field, customers)| Lacking {
        field: field.words(),
        customers: *customers,
        percent: percent(*customers, preview.customers),
    });
    Ok(Finding {
        steps: steps(rule, &preview, store),
        lacking: lacking.collect(),
        who: asked.who,
        previous: button("before", page.rows.first().filter(|_| page.before)),
        next: button("after", page.rows.last().filter(|_| page.after)),
        listed: page.rows,
        is_for_members,
        preview,
    })
}

/// The first who would join, and the first who would leave, of what was counted.
pub fn first_few(
    conn: &mut PgConnection,
    rule: &Rule,
    group: &Group,
    store: &StoreSettings,
    counted: &Preview,
    now: DateTime<Utc>,
) -> Result<(Vec<Listed>, Vec<Listed>)> {
    let compiled = compile(rule, store.currency, store_day(now, store.time_zone), &People::All);
    let mut first = |who| preview::who(conn, &compiled, Some(group), who, counted.places(), &Place::Start, SHOWN);
    Ok((first(Who::Joining)?.rows, first(Who::Leaving)?.rows))
}

/// The conditions in the order in which they are written, each with whom it lets through.
fn steps(rule: &Rule, preview: &Preview, store: &StoreSettings) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut passes = preview.passes.iter().copied();
    for (place, node) in rule.of.iter().enumerate() {
        add(node, 0, &mut passes, store, &mut steps);
        if let Some(last) = steps.last_mut() {
            last.remaining = preview.remaining.get(place).copied();
        }
    }
    steps
}

fn add(node: &Node, depth: usize, passes: &mut dyn Iterator<Item = i64>, store: &StoreSettings, steps: &mut Vec<Step>) {
    match node {
        Node::Rule(rule) => rule.of.iter().for_each(|node| add(node, depth + 1, passes, store, steps)),
        Node::Condition(condition) => steps.push(Step {
            condition: condition.sentence(store.currency),
            passes: passes.next().unwrap_or_default(),
            remaining: None,
            depth,
        }),
    }
}
