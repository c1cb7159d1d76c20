//! The rules of groups, and the groups that rules refer to.

use crate::error::{Error, Result};
use crate::groups::store::{Group, gone, naming};
use crate::money::Currency;
use crate::rules::condition::GroupName;
use crate::rules::draft::Draft;
use crate::rules::parse::{Context, Fault, parse, references};
use crate::rules::rule::Rule;
use crate::schema::groups;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

/// A group locked until the transaction ends, without holding up those who change the tree: a run takes a while.
pub fn lock_group(conn: &mut PgConnection, id: Uuid) -> Result<Group> {
    let group: Option<Group> =
        groups::table.find(id).select(Group::as_select()).for_no_key_update().first(conn).optional()?;
    group.filter(|group| group.deleted_at.is_none()).ok_or_else(gone)
}

/// The live groups that a rule refers to, by id or by code.
pub fn referred(conn: &mut PgConnection, rules: &[&Value]) -> Result<Vec<GroupName>> {
    let texts: Vec<String> = rules.iter().flat_map(|rule| references(rule)).collect();
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = texts.iter().filter_map(|text| Uuid::try_parse(text).ok()).collect();
    let rows: Vec<(Uuid, String, String)> = groups::table
        .filter(groups::deleted_at.is_null())
        .filter(groups::id.eq_any(ids).or(groups::code.eq_any(texts)))
        .select((groups::id, groups::code, groups::name))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, code, name)| GroupName { id, code, name }).collect())
}

/// The groups that a stored rule refers to, the deleted ones too, which match nobody: by the names that are shown.
pub fn named(conn: &mut PgConnection, rules: &[&Value]) -> Result<Vec<GroupName>> {
    let texts: Vec<String> = rules.iter().flat_map(|rule| references(rule)).collect();
    let ids: Vec<Uuid> = texts.iter().filter_map(|text| Uuid::try_parse(text).ok()).collect();
    if ids.is_empty() {
        return referred(conn, rules);
    }
    let deleted: Vec<(Uuid, String, String)> = groups::table
        .filter(groups::deleted_at.is_not_null())
        .filter(groups::id.eq_any(ids))
        .select((groups::id, groups::code, groups::name))
        .load(conn)?;
    let mut known = referred(conn, rules)?;
    known.extend(deleted.into_iter().map(|(id, code, name)| GroupName { id, code, name: format!("{name} (deleted)") }));
    Ok(known)
}

/// Reads a rule that somebody gave.
///
/// # Errors
/// Those of the database; the faults of the rule are the inner result.
pub fn read(
    conn: &mut PgConnection,
    value: &Value,
    own: Option<Uuid>,
    currency: Currency,
) -> Result<std::result::Result<Rule, Vec<Fault>>> {
    let groups = referred(conn, &[value])?;
    Ok(parse(value, &Context { currency, groups: &groups, own, is_stored: false }))
}

/// Reads the rule that a group stores.
///
/// # Errors
/// [`Error::Conflict`] where it has none, or where it doesn't fit the store any more: another currency.
pub fn stored(conn: &mut PgConnection, group: &Group, currency: Currency) -> Result<Rule> {
    let Some(value) = &group.rule else {
        return Err(Error::Conflict(format!("{} has no rule yet. Write one first.", group.name)));
    };
    let groups = referred(conn, &[value])?;
    read_stored(value, &groups, currency).map_err(|fault| {
        Error::Conflict(format!("The rule of {} can't be read: {} Save it anew.", group.name, fault.message))
    })
}

/// Reads a stored rule with the groups that it refers to.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn read_stored(value: &Value, groups: &[GroupName], currency: Currency) -> std::result::Result<Rule, Fault> {
    parse(value, &Context { currency, groups, own: None, is_stored: true }).map_err(|mut faults| faults.swap_remove(0))
}

/// A draft as JSON, its groups by their ids.
pub fn json_of(conn: &mut PgConnection, draft: &Draft) -> Result<Value> {
    let mut known = Vec::new();
    let mut names = draft.groups();
    names.sort_unstable();
    names.dedup();
    for name in names.into_iter().take(200) {
        if let Some(id) = naming::by_name_or_code(conn, &name)? {
            known.push((name, id.to_string()));
        }
    }
    Ok(draft.to_json(&|name| known.iter().find(|(known, _)| known == name).map(|(_, id)| id.clone())))
}

/// Writes the rule of a group; its version goes up by one.
pub fn save(conn: &mut PgConnection, group: Uuid, rule: &Value, now: DateTime<Utc>) -> Result<()> {
    diesel::update(groups::table.find(group))
        .set((groups::rule.eq(rule), groups::version.eq(groups::version + 1), groups::updated_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

/// Takes the rule of a group away; its version goes up by one.
pub fn clear(conn: &mut PgConnection, group: Uuid, now: DateTime<Utc>) -> Result<()> {
    let none: Option<Value> = None;
    diesel::update(groups::table.find(group))
        .set((groups::rule.eq(none), groups::version.eq(groups::version + 1), groups::updated_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

/// The live automatic and hybrid groups that have a rule, by id.
pub fn all(conn: &mut PgConnection) -> Result<Vec<Group>> {
    Ok(groups::table
        .filter(groups::deleted_at.is_null())
        .filter(groups::rule.is_not_null())
        .filter(groups::type_.ne("manual"))
        .select(Group::as_select())
        .order(groups::id)
        .load(conn)?)
}

/// Whether any live automatic or hybrid group has a rule.
pub fn any(conn: &mut PgConnection) -> Result<bool> {
    let found = groups::table
        .filter(groups::deleted_at.is_null())
        .filter(groups::rule.is_not_null())
        .filter(groups::type_.ne("manual"))
        .select(groups::id)
        .first::<Uuid>(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Live groups and segments whose rules ask whether somebody is in this group: the first by name, and how many.
pub fn asking_for(conn: &mut PgConnection, group: Uuid, code: &str, limit: i64) -> Result<(Vec<String>, i64)> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = BigInt)]
        total: i64,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT name, count(*) OVER () AS total FROM (
             SELECT name, rule FROM groups WHERE deleted_at IS NULL AND id <> $1 AND rule IS NOT NULL
             UNION ALL SELECT 'the segment ' || name, rule FROM segments WHERE rule IS NOT NULL
         ) r
         WHERE jsonb_path_exists(
             rule,
             '$.** ? (@.field == \"in_group\" && (@.value[*] == $id || @.value[*] == $code))',
             jsonb_build_object('id', $1::text, 'code', $2)
         )
         ORDER BY name LIMIT $3",
    )
    .bind::<SqlUuid, _>(group)
    .bind::<Text, _>(code)
    .bind::<BigInt, _>(limit)
    .load(conn)?;
    let total = rows.first().map_or(0, |row| row.total);
    Ok((rows.into_iter().map(|row| row.name).collect(), total))
}
