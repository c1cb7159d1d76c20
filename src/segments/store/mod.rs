//! Segments in the database: rows with their groups. Beside it: the list, who is in one, and which ones a customer is in.

pub mod audience;
pub mod groups;
pub mod list;

use super::segment::{Details, Segment};
use crate::error::{Error, Result};
use crate::inheritance::level::Levels;
use crate::money::Currency;
use crate::rules::store::{facts, rules};
use crate::schema::{campaign_segments, campaigns, segment_groups, segments};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// A segment as stored.
#[derive(Clone, Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = segments)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct SegmentRow {
    /// Id.
    pub id: Uuid,
    /// Unique, whatever the case.
    pub name: String,
    /// Up to 2,000 characters.
    pub description: String,
    /// The rule as SPEC 5 writes it.
    pub rule: Option<Value>,
    /// For optimistic locking; its groups count, too.
    pub version: i32,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// UTC.
    pub updated_at: DateTime<Utc>,
}

/// How a missing segment is told.
pub fn gone() -> Error {
    Error::NotFound("This segment doesn't exist or was deleted.".into())
}

/// An id as an address or a call has it. One that is none names nothing.
pub fn parse_id(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| gone())
}

/// A segment.
pub fn get(conn: &mut PgConnection, id: Uuid) -> Result<SegmentRow> {
    segments::table.find(id).select(SegmentRow::as_select()).first(conn).optional()?.ok_or_else(gone)
}

/// A segment, locked until the transaction ends.
pub fn lock(conn: &mut PgConnection, id: Uuid) -> Result<SegmentRow> {
    segments::table.find(id).select(SegmentRow::as_select()).for_update().first(conn).optional()?.ok_or_else(gone)
}

/// The groups of segments: segment, group, whether "in".
pub fn groups_of_all(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, Uuid, bool)>> {
    Ok(segment_groups::table
        .filter(segment_groups::segment_id.eq_any(ids))
        .select((segment_groups::segment_id, segment_groups::group_id, segment_groups::is_in))
        .order(segment_groups::group_id)
        .load(conn)?)
}

/// The fields of a segment as people type them, groups by their ids.
pub fn details(conn: &mut PgConnection, row: &SegmentRow) -> Result<Details> {
    let groups = groups_of_all(conn, &[row.id])?;
    let side = |wanted: bool| groups.iter().filter(|(.., is_in)| *is_in == wanted).map(|(_, id, _)| *id).collect();
    Ok(Details {
        name: row.name.clone(),
        description: row.description.clone(),
        groups_in: side(true),
        groups_not_in: side(false),
        rule: row.rule.clone(),
    })
}

/// Inserts a segment.
pub fn insert(conn: &mut PgConnection, id: Uuid, details: &Details, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(segments::table)
        .values((
            segments::id.eq(id),
            segments::name.eq(&details.name),
            segments::description.eq(&details.description),
            segments::rule.eq(&details.rule),
            segments::created_at.eq(now),
            segments::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    put_groups(conn, id, details)
}

/// Writes a segment's fields; its version goes up by one.
pub fn update(conn: &mut PgConnection, id: Uuid, details: &Details, now: DateTime<Utc>) -> Result<()> {
    diesel::update(segments::table.find(id))
        .set((
            segments::name.eq(&details.name),
            segments::description.eq(&details.description),
            segments::rule.eq(&details.rule),
            segments::version.eq(segments::version + 1),
            segments::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    diesel::delete(segment_groups::table.filter(segment_groups::segment_id.eq(id))).execute(conn)?;
    put_groups(conn, id, details)
}

fn put_groups(conn: &mut PgConnection, id: Uuid, details: &Details) -> Result<()> {
    let row = |group: &Uuid, is_in: bool| {
        (segment_groups::segment_id.eq(id), segment_groups::group_id.eq(*group), segment_groups::is_in.eq(is_in))
    };
    let rows: Vec<_> = details
        .groups_in
        .iter()
        .map(|group| row(group, true))
        .chain(details.groups_not_in.iter().map(|group| row(group, false)))
        .collect();
    diesel::insert_into(segment_groups::table).values(rows).execute(conn)?;
    Ok(())
}

fn refused(error: diesel::result::Error) -> Error {
    match Error::constraint(&error) {
        Some("segments_name") => Error::field("name", "Another segment has this name."),
        _ => error.into(),
    }
}

/// Deletes a segment that no campaign asks for.
pub fn delete(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    diesel::delete(segments::table.find(id)).execute(conn)?;
    Ok(())
}

/// A campaign that asks for a segment.
#[derive(Clone, Debug, Queryable)]
pub struct AskedBy {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
}

/// The first `limit` campaigns by name that ask for a segment.
pub fn asked_by(conn: &mut PgConnection, id: Uuid, limit: i64) -> Result<Vec<AskedBy>> {
    Ok(campaign_segments::table
        .inner_join(campaigns::table)
        .filter(campaign_segments::segment_id.eq(id))
        .select((campaigns::id, campaigns::name))
        .order((campaigns::name, campaigns::id))
        .limit(limit)
        .load(conn)?)
}

/// Segments as they are decided, in the order of their ids.
pub fn load(conn: &mut PgConnection, ids: &[Uuid], currency: Currency) -> Result<Vec<Segment>> {
    let rows: Vec<SegmentRow> = segments::table
        .filter(segments::id.eq_any(ids))
        .select(SegmentRow::as_select())
        .order(segments::id)
        .load(conn)?;
    let mut groups: HashMap<Uuid, Vec<(Uuid, bool)>> = HashMap::new();
    for (segment, group, is_in) in groups_of_all(conn, ids)? {
        groups.entry(segment).or_default().push((group, is_in));
    }
    let stored: Vec<&Value> = rows.iter().filter_map(|row| row.rule.as_ref()).collect();
    let names = rules::referred(conn, &stored)?;
    let segment = |row: SegmentRow| {
        let groups = groups.remove(&row.id).unwrap_or_default();
        let side = |wanted| groups.iter().filter(|(_, is_in)| *is_in == wanted).map(|(id, _)| *id).collect();
        let rule = row.rule.as_ref().map(|value| rules::read_stored(value, &names, currency));
        Segment {
            id: row.id,
            name: row.name,
            groups_in: side(true),
            groups_not_in: side(false),
            is_broken: matches!(rule, Some(Err(_))),
            rule: rule.and_then(Result::ok),
        }
    };
    Ok(rows.into_iter().map(segment).collect())
}

/// Those of these segments that a customer is in today, of whom these groups count.
pub fn of_customer(
    conn: &mut PgConnection,
    ids: &[Uuid],
    customer: Uuid,
    levels: &Levels,
    counting: &[Uuid],
    currency: Currency,
    today: NaiveDate,
) -> Result<HashSet<Uuid>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let segments = load(conn, ids, currency)?;
    let mut windows: Vec<u32> =
        segments.iter().filter_map(|segment| segment.rule.as_ref()).flat_map(|r| r.windows()).collect();
    windows.sort_unstable();
    windows.dedup();
    let facts = facts::load(conn, &[customer], &windows, currency, today)?.pop();
    Ok(segments.iter().filter(|s| s.holds(levels, counting, facts.as_ref())).map(|s| s.id).collect())
}
