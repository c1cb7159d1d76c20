//! Whom the demo's rules match, asked of the rows by the same engine that runs them later.

use crate::demo::calendar::Calendar;
use crate::demo::groups::{Group, Key};
use crate::demo::rules;
use crate::error::{Error, Result};
use crate::money::Currency;
use crate::rules::run::Every;
use crate::rules::store::compile::{People, compile};
use crate::rules::store::rules::read_stored;
use crate::schema::rule_schedules;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::deserialize::QueryableByName;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types;
use uuid::Uuid;

use super::copy_into;

#[derive(QueryableByName)]
struct Matched {
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
}

/// The customers that a group's rule matches on `today`, by code; none where the group has no rule.
pub fn matches(conn: &mut PgConnection, key: Key, today: NaiveDate) -> Result<Vec<Uuid>> {
    let Some(rule) = rules::rule(key) else { return Ok(Vec::new()) };
    let rule = read_stored(&rule, &[], Currency::USD).map_err(|fault| Error::internal(fault.message))?;
    let compiled = compile(&rule, Currency::USD, today, &People::All);
    let query = format!("SELECT c.id FROM {} WHERE {} ORDER BY c.code", compiled.from, compiled.matches);
    let found: Vec<Matched> = compiled.values.query(&query).load(conn)?;
    Ok(found.into_iter().map(|one| one.id).collect())
}

/// Writes when the rules run next: every day, and last on the midnight before `now`.
pub fn write_schedules(
    conn: &mut PgConnection,
    groups: &[Group],
    calendar: &Calendar,
    now: DateTime<Utc>,
) -> Result<()> {
    let evaluated = Calendar::midnight(calendar.today);
    let rows = groups.iter().filter(|group| rules::rule(group.key).is_some()).map(|group| {
        (
            rule_schedules::group_id.eq(group.id),
            rule_schedules::next_run_at.eq(Every::Day.next(now, Tz::UTC)),
            rule_schedules::evaluated_at.eq(Some(evaluated)),
        )
    });
    copy_into!(conn, rule_schedules::table, rows);
    Ok(())
}
