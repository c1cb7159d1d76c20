//! Promotions as the engine decides on them, with their targets, campaigns and segments.

use super::PromotionRow;
use crate::error::Result;
use crate::groups::group::Status;
use crate::promotions::campaigns::Campaign;
use crate::promotions::details::Given;
use crate::promotions::promotion::{FreeItem, Offer, Promotion, Targets};
use crate::promotions::window::Window;
use crate::schema::{campaign_promotions, campaign_segments, campaigns, products, promotions, segments};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Date};
use std::collections::HashMap;
use uuid::Uuid;

/// How many promotions that don't run are told about beside those that do.
pub const NOT_RUNNING: i64 = 100;

/// One promotion.
pub fn one(conn: &mut PgConnection, id: Uuid) -> Result<Promotion> {
    let row = super::get(conn, id)?;
    whole(conn, vec![row])?.pop().ok_or_else(super::gone)
}

/// All promotions that run on a store day by status and window, by priority; behind them those that don't, the nearest in
/// time first and switched-off ones last, up to [`NOT_RUNNING`].
pub fn on(conn: &mut PgConnection, day: NaiveDate) -> Result<Vec<Promotion>> {
    let runs = promotions::status
        .eq("active")
        .and(promotions::valid_from.is_null().or(promotions::valid_from.le(day).assume_not_null()))
        .and(promotions::valid_to.is_null().or(promotions::valid_to.ge(day).assume_not_null()));
    let mut rows: Vec<PromotionRow> = promotions::table
        .filter(runs)
        .select(PromotionRow::as_select())
        .order((promotions::priority, promotions::code))
        .load(conn)?;
    let others: Vec<PromotionRow> = sql_query(
        "SELECT p.* FROM promotions p
         WHERE p.status <> 'active' OR p.valid_from > $1 OR p.valid_to < $1
         ORDER BY p.status <> 'active', greatest(p.valid_from - $1, $1 - p.valid_to), p.code LIMIT $2",
    )
    .bind::<Date, _>(day)
    .bind::<BigInt, _>(NOT_RUNNING)
    .load(conn)?;
    rows.extend(others);
    whole(conn, rows)
}

fn whole(conn: &mut PgConnection, rows: Vec<PromotionRow>) -> Result<Vec<Promotion>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut targets: HashMap<Uuid, Targets> = HashMap::new();
    for (promotion, group, is_in) in super::targets(conn, &ids)? {
        let targets = targets.entry(promotion).or_default();
        if is_in { &mut targets.groups_in } else { &mut targets.groups_not_in }.push(group);
    }
    let mut campaigns = campaigns_of(conn, &ids)?;
    let items: Vec<Uuid> = rows.iter().filter_map(|row| row.free_product_id).collect();
    let items = free_items(conn, &items)?;
    rows.into_iter()
        .map(|row| {
            let offer = match row.given()? {
                Given::Percent(percent) => Offer::Percent(percent),
                Given::Amount(amount) => Offer::Amount(amount),
                Given::FreeShipping => Offer::FreeShipping,
                Given::BuyGet(buy, get) => Offer::BuyGet { buy, get },
                Given::FreeItem(product, quantity) => {
                    let (sku, name, active) = items.get(&product).cloned().unwrap_or_default();
                    Offer::FreeItem(FreeItem { product, sku, name, quantity, active })
                }
            };
            let (status, window) = (row.status(), row.window());
            Ok(Promotion {
                targets: Targets { everyone: row.reaches_everyone, ..targets.remove(&row.id).unwrap_or_default() },
                campaigns: campaigns.remove(&row.id).unwrap_or_default(),
                id: row.id,
                code: row.code,
                name: row.name,
                status,
                window,
                offer,
                minimum_purchase: row.minimum_purchase,
                stacks: row.stacks,
                combinable: row.combinable,
                priority: row.priority,
            })
        })
        .collect()
}

type CampaignColumns = (Uuid, (Uuid, String, String, Option<NaiveDate>, Option<NaiveDate>));

/// The campaigns of promotions with their segments, by promotion.
fn campaigns_of(conn: &mut PgConnection, promotions: &[Uuid]) -> Result<HashMap<Uuid, Vec<Campaign>>> {
    let columns = (campaigns::id, campaigns::name, campaigns::status, campaigns::valid_from, campaigns::valid_to);
    let rows: Vec<CampaignColumns> = campaign_promotions::table
        .inner_join(campaigns::table)
        .filter(campaign_promotions::promotion_id.eq_any(promotions))
        .select((campaign_promotions::promotion_id, columns))
        .order((campaigns::name, campaigns::id))
        .load(conn)?;
    let mut ids: Vec<Uuid> = rows.iter().map(|(_, (id, ..))| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut of_campaign: HashMap<Uuid, Vec<(Uuid, String)>> = HashMap::new();
    let named: Vec<(Uuid, Uuid, String)> = campaign_segments::table
        .inner_join(segments::table)
        .filter(campaign_segments::campaign_id.eq_any(&ids))
        .select((campaign_segments::campaign_id, segments::id, segments::name))
        .order((segments::name, segments::id))
        .load(conn)?;
    for (campaign, id, name) in named {
        of_campaign.entry(campaign).or_default().push((id, name));
    }
    let mut found: HashMap<Uuid, Vec<Campaign>> = HashMap::new();
    for (promotion, (id, name, status, from, to)) in rows {
        found.entry(promotion).or_default().push(Campaign {
            segments: of_campaign.get(&id).cloned().unwrap_or_default(),
            status: Status::from_name(&status).unwrap_or(Status::Inactive),
            window: Window { from, to },
            id,
            name,
        });
    }
    Ok(found)
}

/// SKU, name and whether they are sold, of products by id.
fn free_items(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, (String, String, bool)>> {
    let rows: Vec<(Uuid, String, String, String)> = products::table
        .filter(products::id.eq_any(ids))
        .select((products::id, products::sku, products::name, products::status))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, sku, name, status)| (id, (sku, name, status == "active"))).collect())
}
