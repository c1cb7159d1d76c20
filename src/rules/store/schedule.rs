//! When rules are due. Whoever runs a rule locks its row here first, before anything else: a due run happens once.

use crate::error::Result;
use crate::rules::run::Every;
use crate::schema::{groups, rule_schedules};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use uuid::Uuid;

/// When a rule runs and ran.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = rule_schedules)]
pub struct Schedule {
    /// Whose rule.
    pub group_id: Uuid,
    every: String,
    /// UTC; `None`: not by itself.
    pub next_run_at: Option<DateTime<Utc>>,
    /// When the members were last made to fit, UTC.
    pub evaluated_at: Option<DateTime<Utc>>,
    /// Failures in a row.
    pub failures: i32,
}

impl Schedule {
    /// How often it runs by itself.
    pub fn every(&self) -> Every {
        Every::from_name(&self.every).unwrap_or_default()
    }
}

/// The schedule of a group's rule, where it has had one.
pub fn find(conn: &mut PgConnection, group: Uuid) -> Result<Option<Schedule>> {
    Ok(rule_schedules::table.find(group).select(Schedule::as_select()).first(conn).optional()?)
}

/// The schedule of a group's rule, locked until the transaction ends; made where there is none.
pub fn lock(conn: &mut PgConnection, group: Uuid) -> Result<Schedule> {
    diesel::sql_query(
        "INSERT INTO rule_schedules (group_id) SELECT id FROM groups WHERE id = $1 ON CONFLICT (group_id) DO NOTHING",
    )
    .bind::<SqlUuid, _>(group)
    .execute(conn)?;
    rule_schedules::table
        .find(group)
        .select(Schedule::as_select())
        .for_update()
        .first(conn)
        .optional()?
        .ok_or_else(crate::groups::store::gone)
}

/// Locks the rule that has been due the longest and that nobody else runs.
pub fn claim(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Option<Schedule>> {
    Ok(rule_schedules::table
        .filter(rule_schedules::next_run_at.le(now))
        .select(Schedule::as_select())
        .order((rule_schedules::next_run_at, rule_schedules::group_id))
        .for_update()
        .skip_locked()
        .first(conn)
        .optional()?)
}

/// Writes when the rule runs next, and that it has just been evaluated, where it has.
pub fn save(
    conn: &mut PgConnection,
    group: Uuid,
    every: Every,
    next_run_at: Option<DateTime<Utc>>,
    evaluated_at: Option<DateTime<Utc>>,
    failures: i32,
) -> Result<()> {
    diesel::update(rule_schedules::table.find(group))
        .set((
            rule_schedules::every.eq(every.name()),
            rule_schedules::next_run_at.eq(next_run_at),
            rule_schedules::evaluated_at.eq(evaluated_at),
            rule_schedules::failures.eq(failures),
        ))
        .execute(conn)?;
    Ok(())
}

/// Writes when the rules that run so often run next. Those that are due or are tried again stay as they are.
pub fn move_next(
    conn: &mut PgConnection,
    every: Every,
    next_run_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<usize> {
    let coming = rule_schedules::table
        .filter(rule_schedules::every.eq(every.name()))
        .filter(rule_schedules::next_run_at.gt(now))
        .filter(rule_schedules::failures.eq(0));
    Ok(diesel::update(coming).set(rule_schedules::next_run_at.eq(next_run_at)).execute(conn)?)
}

/// A group with a rule, as the command line lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The group's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// When its rule runs and ran.
    pub schedule: Option<Schedule>,
}

/// The live groups that have a rule, by code, from after this one on.
pub fn list(conn: &mut PgConnection, after: &str, limit: i64) -> Result<Vec<Listed>> {
    let rows: Vec<(String, String, String, Option<Schedule>)> = groups::table
        .left_join(rule_schedules::table)
        .filter(groups::deleted_at.is_null())
        .filter(groups::rule.is_not_null())
        .filter(groups::code.gt(after))
        .select((groups::code, groups::name, groups::type_, Option::<Schedule>::as_select()))
        .order(groups::code)
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(|(code, name, kind, schedule)| Listed { code, name, kind, schedule }).collect())
}
