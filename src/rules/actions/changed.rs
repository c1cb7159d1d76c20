//! Customers whose data changed: a few at once and in memory, many right after the change and in SQL (SPEC 5).

use super::running::{Ended, Job, change, keep, reason, run, runnable};
use crate::auth::role::Actor;
use crate::clock::store_day;
use crate::error::Result;
use crate::groups::group::GroupType;
use crate::groups::store::Group;
use crate::members::refusal::Cause;
use crate::members::store::wish::Wish;
use crate::members::store::write::write;
use crate::members::store::{plan, refused};
use crate::rules::facts::Facts;
use crate::rules::rule::Rule;
use crate::rules::run::{Outcome, Tally, Trigger, is_held};
use crate::rules::store::compile::People;
use crate::rules::store::{changes, difference, facts, rules, runs};
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use chrono::{DateTime, Utc};
use diesel::{Connection, PgConnection};
use std::collections::{HashMap, HashSet};
use std::time::Instant;
use uuid::Uuid;

/// Up to so many customers are looked at in the transaction that changes them.
pub const MOST_AT_ONCE: usize = 1_000;
/// How many refusals are looked through to tell them by group.
const REFUSALS: i64 = 100_000;

/// Before customers are locked by whoever will call [`customers_changed`]: rules change members, and whoever does that
/// holds the store's totals before customers. Nothing is held where no group has a rule.
pub fn expect_changes(conn: &mut PgConnection) -> Result<()> {
    if rules::any(conn)? { plan::begin(conn) } else { Ok(()) }
}

/// Looks at customers whose data changed, in the same transaction: every automatic and hybrid group fits them when it
/// ends. More than [`MOST_AT_ONCE`] are noted, and looked at right after it ([`catch_up`]).
///
/// The caller has called [`expect_changes`] (or [`plan::begin`]) before it locked customers, and has written everything that
/// rules may ask for.
pub fn customers_changed(conn: &mut PgConnection, actor: &Actor, ids: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    if ids.len() > MOST_AT_ONCE {
        return if rules::any(conn)? { changes::note_these(conn, ids, "change", actor, now) } else { Ok(()) };
    }
    let begun = Instant::now();
    let store = store_settings::load(conn)?;
    let rules = readable(conn, &store)?;
    if rules.is_empty() {
        return Ok(());
    }
    plan::begin(conn)?;
    let job = Job { trigger: Trigger::Change, actor, people: People::These(ids.to_vec()), store, now };
    let found = found(conn, &rules, ids, &job)?;
    let mut wishes = Vec::new();
    for (group, found) in &found {
        if is_held(i64::from(group.member_count), found.tally.left, store.rule_guard_percent) {
            runs::settle(conn, group.id, Outcome::Superseded, None, now)?;
            let id = Uuid::now_v7();
            keep(conn, &job, &[Ended { group, id, tally: found.tally, outcome: Outcome::Held }], begun)?;
            let leaving: Vec<Uuid> =
                found.wishes.iter().filter(|(_, leaves)| *leaves).map(|(wish, _)| wish.customer).collect();
            difference::keep_these_leaves(conn, id, &leaving)?;
        } else {
            wishes.extend(found.wishes.iter().map(|(wish, _)| *wish));
        }
    }
    if wishes.is_empty() {
        return Ok(());
    }
    plan::wish(conn, &wishes)?;
    let counts = plan::make(conn)?;
    let refused = if counts.refused > 0 { refused::refused(conn, REFUSALS)? } else { Vec::new() };
    write(conn, &change(&job, Uuid::now_v7(), &reason(&job)), &counts)?;
    let concerned: HashSet<Uuid> = wishes.iter().map(|wish| wish.group).collect();
    let ended = found.into_iter().filter(|(group, _)| concerned.contains(&group.id)).map(|(group, found)| {
        let full = refused.iter().filter(|one| one.group_id == group.id && one.refusal.cause == Cause::Full).count();
        let mut tally = found.tally;
        tally.refused_capacity = i64::try_from(full).unwrap_or(i64::MAX);
        tally.joined -= tally.refused_capacity;
        Ended { group, id: Uuid::now_v7(), tally, outcome: Outcome::Done }
    });
    // A look at single customers that finds nothing to do is not worth a record.
    let ended: Vec<Ended<'_>> = ended.filter(|one| one.tally.joined + one.tally.left > 0).collect();
    if ended.is_empty() { Ok(()) } else { keep(conn, &job, &ended, begun) }
}

/// The rules that can be read; the others fail in their own scheduled runs, where that is told.
fn readable(conn: &mut PgConnection, store: &StoreSettings) -> Result<Vec<(Group, Rule)>> {
    let groups = rules::all(conn)?;
    let values: Vec<_> = groups.iter().filter_map(|group| group.rule.as_ref()).collect();
    let names = rules::referred(conn, &values)?;
    let read = |group: Group| {
        let rule = rules::read_stored(group.rule.as_ref()?, &names, store.currency).ok()?;
        Some((group, rule))
    };
    Ok(groups.into_iter().filter_map(read).collect())
}

/// What one group's rule wants of the customers that changed.
#[derive(Default)]
struct Found {
    tally: Tally,
    /// The wish, and whether it is that the customer leaves.
    wishes: Vec<(Wish, bool)>,
}

/// Evaluates all rules for these customers in memory.
fn found<'a>(
    conn: &mut PgConnection,
    rules: &'a [(Group, Rule)],
    ids: &[Uuid],
    job: &Job<'_>,
) -> Result<Vec<(&'a Group, Found)>> {
    let mut windows: Vec<u32> = rules.iter().flat_map(|(_, rule)| rule.windows()).collect();
    windows.sort_unstable();
    windows.dedup();
    let today = store_day(job.now, job.store.time_zone);
    let people = facts::load(conn, ids, &windows, job.store.currency, today)?;
    let groups: Vec<Uuid> = rules.iter().map(|(group, _)| group.id).collect();
    let standing: HashMap<(Uuid, Uuid), (bool, bool)> = changes::standing(conn, &groups, ids)?
        .into_iter()
        .map(|(group, customer, by_hand, by_rule)| ((group, customer), (by_hand, by_rule)))
        .collect();
    let excluded: HashSet<(Uuid, Uuid)> = changes::excluded(conn, &groups, ids)?.into_iter().collect();
    let one = |(group, rule): &'a (Group, Rule)| {
        let mut found = Found::default();
        for facts in &people {
            let key = (group.id, facts.id);
            let stands = standing.get(&key).copied();
            found.look(group, facts, rule.holds(facts), stands, excluded.contains(&key));
        }
        (group, found)
    };
    Ok(rules.iter().map(one).collect())
}

impl Found {
    /// As the difference of a full run decides.
    fn look(&mut self, group: &Group, facts: &Facts, matches: bool, stands: Option<(bool, bool)>, is_excluded: bool) {
        let automatic = group.kind() == GroupType::Automatic;
        let wish = Wish::of(group.id, facts.id);
        // In an automatic group nobody is a member by hand.
        let wish = if automatic { wish.by_hand(false) } else { wish };
        self.tally.matched += i64::from(matches);
        self.tally.excluded += i64::from(matches && is_excluded);
        match (matches && !is_excluded, stands) {
            (true, None) if facts.status != "active" => self.tally.refused_status += 1,
            (true, None) => {
                self.tally.joined += 1;
                self.wishes.push((wish.by_rule(true), false));
            }
            (true, Some((by_hand, by_rule))) if !by_rule || (automatic && by_hand) => {
                self.wishes.push((wish.by_rule(true), false));
            }
            (false, Some((by_hand, _))) if automatic || !by_hand => {
                self.tally.left += 1;
                self.wishes.push((wish.by_rule(false), true));
            }
            (false, Some((true, true))) => self.wishes.push((wish.by_rule(false), false)),
            _ => {}
        }
    }
}

/// Notes that the customers of a query (a column `customer_id`) changed, for [`catch_up`] right after the transaction.
/// Costs nothing where no group has a rule.
pub fn note_changes(conn: &mut PgConnection, query: &'static str, actor: &Actor, now: DateTime<Utc>) -> Result<()> {
    if rules::any(conn)? {
        changes::note(conn, query, "import", actor, now)?;
    }
    Ok(())
}

/// Looks at all customers that were noted, each batch in a transaction of its own. Another node may be at some.
/// Returns how many batches were done.
///
/// # Errors
/// Where a batch can't be worked off; it stays noted.
pub fn catch_up(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<usize> {
    let mut done = 0;
    while conn.transaction(|conn| next_batch(conn, now))? {
        done += 1;
    }
    Ok(done)
}

fn next_batch(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<bool> {
    let Some(batch) = changes::claim(conn)? else { return Ok(false) };
    let actor = Actor { name: batch.actor_name.clone(), ..Actor::rule_run() };
    let trigger = Trigger::from_name(&batch.cause).unwrap_or(Trigger::Change);
    plan::begin(conn)?;
    if batch.cause == Trigger::Change.name() && !batch.everybody {
        let few = changes::of_batch(conn, batch.id, MOST_AT_ONCE + 1)?;
        if few.len() <= MOST_AT_ONCE {
            customers_changed(conn, &actor, &few, now)?;
            changes::done(conn, batch.id)?;
            return Ok(true);
        }
    }
    let people = if batch.everybody { People::All } else { People::Batch(batch.id) };
    let store = store_settings::load(conn)?;
    for group in rules::all(conn)? {
        let job = Job { trigger, actor: &actor, people: people.clone(), store, now };
        let ran = conn.transaction(|conn| {
            plan::begin(conn)?;
            let group = rules::lock_group(conn, group.id)?;
            let rule = runnable(conn, &group, &store)?;
            run(conn, &group, &rule, &job)
        });
        if let Err(error) = ran {
            // The next scheduled run fails, too, and is recorded; the other groups don't wait for it.
            tracing::error!(group = %group.id, %error, "a rule's run failed");
        }
    }
    changes::done(conn, batch.id)?;
    Ok(true)
}
