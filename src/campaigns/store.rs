//! Campaigns in the database: rows with their segments and promotions, and the list.

use super::campaign::{Details, Known, MOST, Typed};
use crate::db::functions::lower;
use crate::db::keyset::{Page, one_more};
use crate::db::sorting::Sorting;
use crate::error::{Error, Result};
use crate::groups::group::Status;
use crate::groups::store::naming::escape_like;
use crate::promotions::listing::Wanted;
use crate::promotions::store::list::PHASE;
use crate::promotions::window::{Phase, Window};
use crate::schema::{campaign_promotions, campaign_segments, campaigns, promotions, segments};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Uuid as SqlUuid};
use std::collections::HashMap;
use uuid::Uuid;

/// A campaign as stored.
#[derive(Clone, Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = campaigns)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct CampaignRow {
    /// Id.
    pub id: Uuid,
    /// Unique.
    pub code: String,
    /// Name.
    pub name: String,
    status: String,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    /// For optimistic locking; its segments and promotions count, too.
    pub version: i32,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// UTC.
    pub updated_at: DateTime<Utc>,
}

impl CampaignRow {
    /// Active or inactive.
    pub fn status(&self) -> Status {
        Status::from_name(&self.status).unwrap_or(Status::Inactive)
    }

    /// The days on which it holds.
    pub fn window(&self) -> Window {
        Window { from: self.valid_from, to: self.valid_to }
    }

    /// What its status and window make of it on a store day.
    pub fn phase(&self, day: NaiveDate) -> Phase {
        Phase::of(self.status(), self.window(), day)
    }
}

/// How a missing campaign is told.
pub fn gone() -> Error {
    Error::NotFound("This campaign doesn't exist or was deleted.".into())
}

/// An id as an address or a call has it. One that is none names nothing.
pub fn parse_id(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| gone())
}

/// A campaign.
pub fn get(conn: &mut PgConnection, id: Uuid) -> Result<CampaignRow> {
    campaigns::table.find(id).select(CampaignRow::as_select()).first(conn).optional()?.ok_or_else(gone)
}

/// A campaign, locked until the transaction ends.
pub fn lock(conn: &mut PgConnection, id: Uuid) -> Result<CampaignRow> {
    campaigns::table.find(id).select(CampaignRow::as_select()).for_update().first(conn).optional()?.ok_or_else(gone)
}

/// The campaign of this exact code.
pub fn by_code(conn: &mut PgConnection, code: &str) -> Result<Option<Uuid>> {
    Ok(campaigns::table.filter(campaigns::code.eq(code)).select(campaigns::id).first(conn).optional()?)
}

/// A campaign's fields, checked.
pub fn details(conn: &mut PgConnection, row: &CampaignRow) -> Result<Details> {
    Ok(Details {
        code: row.code.clone(),
        name: row.name.clone(),
        status: row.status(),
        window: row.window(),
        segments: campaign_segments::table
            .filter(campaign_segments::campaign_id.eq(row.id))
            .select(campaign_segments::segment_id)
            .order(campaign_segments::segment_id)
            .load(conn)?,
        promotions: campaign_promotions::table
            .filter(campaign_promotions::campaign_id.eq(row.id))
            .select(campaign_promotions::promotion_id)
            .order(campaign_promotions::promotion_id)
            .load(conn)?,
    })
}

/// A segment or promotion of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Part {
    /// Id.
    pub id: Uuid,
    /// A promotion's code; a segment has none.
    pub code: String,
    /// Name.
    pub name: String,
}

/// The segments of campaigns, by name.
pub fn segments_of_all(conn: &mut PgConnection, campaigns: &[Uuid]) -> Result<HashMap<Uuid, Vec<Part>>> {
    let rows: Vec<(Uuid, Uuid, String)> = campaign_segments::table
        .inner_join(segments::table)
        .filter(campaign_segments::campaign_id.eq_any(campaigns))
        .select((campaign_segments::campaign_id, segments::id, segments::name))
        .order((lower(segments::name), segments::id))
        .load(conn)?;
    let mut found: HashMap<Uuid, Vec<Part>> = HashMap::new();
    for (campaign, id, name) in rows {
        found.entry(campaign).or_default().push(Part { id, code: String::new(), name });
    }
    Ok(found)
}

/// The promotions of campaigns, by name.
pub fn promotions_of_all(conn: &mut PgConnection, campaigns: &[Uuid]) -> Result<HashMap<Uuid, Vec<Part>>> {
    let rows: Vec<(Uuid, Part)> = campaign_promotions::table
        .inner_join(promotions::table)
        .filter(campaign_promotions::campaign_id.eq_any(campaigns))
        .select((campaign_promotions::campaign_id, (promotions::id, promotions::code, promotions::name)))
        .order((lower(promotions::name), promotions::id))
        .load(conn)?;
    let mut found: HashMap<Uuid, Vec<Part>> = HashMap::new();
    for (campaign, part) in rows {
        found.entry(campaign).or_default().push(part);
    }
    Ok(found)
}

/// Segments by id, by name.
pub fn segments_of(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Part>> {
    let rows: Vec<(Uuid, String)> = segments::table
        .filter(segments::id.eq_any(ids))
        .select((segments::id, segments::name))
        .order((lower(segments::name), segments::id))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, name)| Part { id, code: String::new(), name }).collect())
}

/// Promotions by id, by name.
pub fn promotions_of(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Part>> {
    Ok(promotions::table
        .filter(promotions::id.eq_any(ids))
        .select((promotions::id, promotions::code, promotions::name))
        .order((lower(promotions::name), promotions::id))
        .load(conn)?)
}

/// What the texts of a form mean: ids, codes, or names that only one has.
pub fn known(conn: &mut PgConnection, typed: &Typed) -> Result<Known> {
    let texts = |all: &[String]| -> Vec<String> {
        all.iter().map(|text| text.trim().to_owned()).filter(|text| !text.contains('\0')).take(MOST + 1).collect()
    };
    let ids = |texts: &[String]| -> Vec<Uuid> { texts.iter().filter_map(|text| Uuid::try_parse(text).ok()).collect() };
    let small = |texts: &[String]| -> Vec<String> { texts.iter().map(|text| text.to_lowercase()).collect() };
    let (wanted, chosen) = (texts(&typed.segments), texts(&typed.promotions));
    let found: Vec<(Uuid, String)> = segments::table
        .filter(segments::id.eq_any(ids(&wanted)).or(lower(segments::name).eq_any(small(&wanted))))
        .select((segments::id, lower(segments::name)))
        .load(conn)?;
    let rows: Vec<(Uuid, String, String)> = promotions::table
        .filter(
            promotions::id
                .eq_any(ids(&chosen))
                .or(promotions::code.eq_any(&chosen))
                .or(lower(promotions::name).eq_any(small(&chosen))),
        )
        .select((promotions::id, promotions::code, lower(promotions::name)))
        .load(conn)?;
    let (mut segments, mut promotions) = (HashMap::new(), HashMap::new());
    for text in wanted {
        let is = |(id, name): &&(Uuid, String)| *name == text.to_lowercase() || id.to_string() == text;
        if let Some((id, _)) = found.iter().find(is) {
            segments.insert(text, *id);
        }
    }
    for text in chosen {
        let exact = rows.iter().find(|(id, code, _)| *code == text || id.to_string() == text);
        let mut named = rows.iter().filter(|(.., name)| *name == text.to_lowercase());
        let only = match (named.next(), named.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        };
        if let Some((id, ..)) = exact.or(only) {
            promotions.insert(text, *id);
        }
    }
    Ok(Known { segments, promotions })
}

/// Inserts a campaign with its segments and promotions.
pub fn insert(conn: &mut PgConnection, id: Uuid, details: &Details, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(campaigns::table)
        .values((
            campaigns::id.eq(id),
            campaigns::code.eq(&details.code),
            campaigns::name.eq(&details.name),
            campaigns::status.eq(details.status.name()),
            campaigns::valid_from.eq(details.window.from),
            campaigns::valid_to.eq(details.window.to),
            campaigns::created_at.eq(now),
            campaigns::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    put_parts(conn, id, details)
}

/// Writes a campaign's fields, segments and promotions; its version goes up by one.
pub fn update(conn: &mut PgConnection, id: Uuid, details: &Details, now: DateTime<Utc>) -> Result<()> {
    diesel::update(campaigns::table.find(id))
        .set((
            campaigns::code.eq(&details.code),
            campaigns::name.eq(&details.name),
            campaigns::status.eq(details.status.name()),
            campaigns::valid_from.eq(details.window.from),
            campaigns::valid_to.eq(details.window.to),
            campaigns::version.eq(campaigns::version + 1),
            campaigns::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    diesel::delete(campaign_segments::table.filter(campaign_segments::campaign_id.eq(id))).execute(conn)?;
    diesel::delete(campaign_promotions::table.filter(campaign_promotions::campaign_id.eq(id))).execute(conn)?;
    put_parts(conn, id, details)
}

fn put_parts(conn: &mut PgConnection, id: Uuid, details: &Details) -> Result<()> {
    let rows: Vec<_> = details
        .segments
        .iter()
        .map(|segment| (campaign_segments::campaign_id.eq(id), campaign_segments::segment_id.eq(*segment)))
        .collect();
    diesel::insert_into(campaign_segments::table).values(rows).execute(conn)?;
    let rows: Vec<_> = details
        .promotions
        .iter()
        .map(|promotion| (campaign_promotions::campaign_id.eq(id), campaign_promotions::promotion_id.eq(*promotion)))
        .collect();
    diesel::insert_into(campaign_promotions::table).values(rows).execute(conn)?;
    Ok(())
}

fn refused(error: diesel::result::Error) -> Error {
    match Error::constraint(&error) {
        Some("campaigns_code") => Error::field("code", "Another campaign has this code."),
        _ => error.into(),
    }
}

/// Deletes a campaign; its segments and promotions stay.
pub fn delete(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    diesel::delete(campaigns::table.find(id)).execute(conn)?;
    Ok(())
}

/// The promotions that are in this campaign and in no other: without it they need none.
pub fn set_free_without(conn: &mut PgConnection, id: Uuid) -> Result<Vec<Part>> {
    let others = diesel::alias!(campaign_promotions as others);
    let elsewhere = others
        .filter(others.field(campaign_promotions::promotion_id).eq(campaign_promotions::promotion_id))
        .filter(others.field(campaign_promotions::campaign_id).ne(id));
    Ok(campaign_promotions::table
        .inner_join(promotions::table)
        .filter(campaign_promotions::campaign_id.eq(id))
        .filter(diesel::dsl::not(diesel::dsl::exists(elsewhere)))
        .select((promotions::id, promotions::code, promotions::name))
        .order((lower(promotions::name), promotions::id))
        .load(conn)?)
}

/// A row of the list.
#[derive(Clone, Debug, QueryableByName)]
pub struct Row {
    /// The campaign.
    #[diesel(embed)]
    pub campaign: CampaignRow,
    /// How many segments it is for.
    #[diesel(sql_type = BigInt)]
    pub segments: i64,
    /// How many promotions it has.
    #[diesel(sql_type = BigInt)]
    pub promotions: i64,
    #[diesel(sql_type = Text)]
    key: String,
}

impl Row {
    /// The row's key in its list.
    pub fn cursor(&self) -> (String, Uuid) {
        (self.key.clone(), self.campaign.id)
    }
}

/// The page that is asked for, of at most `limit` rows, with phases as they are on a store day.
pub fn page(conn: &mut PgConnection, wanted: &Wanted, today: NaiveDate, limit: usize) -> Result<Page<Row>> {
    let sorting = Sorting { by: "lower(p.name)", kind: "text", id: "p.id", descending: false, place: &wanted.place };
    let (key, id) = sorting.key();
    let text = Some(&wanted.text).filter(|text| !text.is_empty());
    let rows = sql_query(format!(
        "SELECT p.*, lower(p.name) AS key,
                (SELECT count(*) FROM campaign_segments s WHERE s.campaign_id = p.id) AS segments,
                (SELECT count(*) FROM campaign_promotions c WHERE c.campaign_id = p.id) AS promotions
         FROM campaigns p
         WHERE ($4::text IS NULL OR p.search LIKE '%' || $4::text || '%') AND {PHASE} AND {}
         {} LIMIT $3",
        sorting.after(),
        sorting.order()
    ))
    .bind::<Nullable<Text>, _>(key)
    .bind::<Nullable<SqlUuid>, _>(id)
    .bind::<BigInt, _>(one_more(limit))
    .bind::<Nullable<Text>, _>(text.map(|text| escape_like(&text.to_lowercase())))
    .bind::<Nullable<Text>, _>(wanted.phase)
    .bind::<Date, _>(today)
    .load(conn)?;
    Ok(Page::of(rows, &wanted.place, limit))
}
