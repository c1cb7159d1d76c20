//! Discounts and prices of lists that are below cost, as conflicts.

use super::conflicts::{Row, SHOWN, summary};
use crate::db::keyset::{self, Key, Place};
use crate::error::Result;
use crate::inheritance::book::Book;
use crate::inheritance::effective::effective;
use crate::inheritance::level::Level;
use crate::inheritance::own::{Adjustment, Scope};
use crate::money::{Currency, format_count, format_percent};
use crate::pricing::store::below_cost::{self, BelowCost, COUNTED, Covers, Discount, Sold, Takes};
use crate::pricing::store::conflicts::LOOKED_AT;
use crate::web::format::counted;
use crate::web::query::{Pager, Query};
use chrono::NaiveDate;
use diesel::PgConnection;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Groups with a discount that a page looks at.
const DISCOUNTS: usize = 100;

/// The entry that a page begins after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct EntryKey(Uuid, Uuid, i32);

/// Where a page of prices below cost begins: after a group's discount, or after a price of a list. Discounts come first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum CostKey {
    Group(String, Uuid),
    Entry(EntryKey),
}

impl Key for CostKey {
    fn is_possible(&self) -> bool {
        match self {
            Self::Group(name, _) => !name.contains('\0'),
            Self::Entry(entry) => entry.2 >= 1,
        }
    }
}

/// Discounts of groups first, then prices of lists.
pub(super) fn page(
    conn: &mut PgConnection,
    book: &Book,
    query: &Query,
    today: NaiveDate,
    currency: Currency,
) -> Result<(Vec<Row>, Pager)> {
    let place = Place::<CostKey>::of(query.get("after"), "");
    let (mut rows, after) = match place.key() {
        Some(CostKey::Entry(key)) => (Vec::new(), Some((key.0, key.1, key.2))),
        key => {
            let after = match key {
                Some(CostKey::Group(name, id)) => Some((name.clone(), *id)),
                _ => None,
            };
            let (discounts, next) = discounts(book, after.as_ref());
            let sold = below_cost::discounts(conn, &discounts, today, currency)?;
            let rows: Vec<Row> =
                discounts.iter().filter_map(|discount| sold_row(book, discount, &sold, currency)).collect();
            if let Some(next) = next {
                let told = format!("{}, of {DISCOUNTS} groups with discounts looked at", summary(rows.len()));
                let next = Some(query.after(&keyset::encode(&CostKey::Group(next.0, next.1))));
                return Ok((rows, Pager { summary: told, previous: None, next }));
            }
            (rows, None)
        }
    };
    let (mut found, end) = below_cost::entries(conn, today, after, keyset::one_more(SHOWN))?;
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let last = found.last().map(|row| (row.list_id, row.product_id, row.min_quantity));
    let next = if more { last } else { end };
    let row = |price: BelowCost| Row {
        path: format!("/products/{}", price.product_id),
        cause: format!(
            "{} has it at {} from {} on; it costs {}.",
            price.list_name,
            currency.format(price.price),
            counted(i64::from(price.min_quantity), "unit", "units"),
            currency.format(price.cost)
        ),
        mend: ("Change the price", format!("/price-lists/{}/entries/{}", price.list_id, price.product_id)),
        what: format!("{} ({})", price.product_name, price.sku),
    };
    rows.extend(found.into_iter().map(row));
    let mut told = summary(rows.len());
    if !more && end.is_some() {
        told = format!("{told}, of {} prices looked at", format_count(LOOKED_AT));
    }
    let next = next.map(|(list, product, quantity)| CostKey::Entry(EntryKey(list, product, quantity)));
    let pager = Pager { summary: told, previous: None, next: next.map(|key| query.after(&keyset::encode(&key))) };
    Ok((rows, pager))
}

/// The next [`DISCOUNTS`] groups by name that take something off themselves, and the last one's key where more follow.
fn discounts(book: &Book, after: Option<&(String, Uuid)>) -> (Vec<Discount>, Option<(String, Uuid)>) {
    let takes = |level: &Level| {
        matches!(level.pricing.adjustment, Adjustment::Percentage { .. } | Adjustment::Fixed { .. }) && level.counts
    };
    let mut levels: Vec<((String, Uuid), &Level)> = book
        .levels()
        .values()
        .filter(|level| takes(level))
        .map(|level| ((level.name.to_lowercase(), level.id), level.as_ref()))
        .filter(|(key, _)| after.is_none_or(|after| key > after))
        .collect();
    levels.sort_by(|(a, _), (b, _)| a.cmp(b));
    let next = levels.get(DISCOUNTS - 1).filter(|_| levels.len() > DISCOUNTS).map(|(key, _)| key.clone());
    let discount = |level: &Level| {
        let own = effective(book.levels(), level.id)?.pricing.into_iter().find(|own| !own.source.inherited)?;
        let covers = |scope: &Scope| match scope {
            Scope::All => Covers::All,
            Scope::Categories(_) => Covers::Categories,
            Scope::Products(_) => Covers::Chosen,
        };
        let (takes, scope) = match &own.adjustment {
            Adjustment::Percentage { scope, .. } => (Takes::Percent(hundredths(own.total_percent?)?), scope),
            Adjustment::Fixed { amount, scope } => (Takes::Amount(*amount), scope),
            _ => return None,
        };
        Some(Discount { group: level.id, takes, covers: covers(scope) })
    };
    (levels.iter().take(DISCOUNTS).filter_map(|(_, level)| discount(level)).collect(), next)
}

fn hundredths(percent: Decimal) -> Option<i64> {
    (percent * Decimal::ONE_HUNDRED).to_i64()
}

fn sold_row(book: &Book, discount: &Discount, sold: &[Sold], currency: Currency) -> Option<Row> {
    let found = sold.iter().find(|found| found.group_id == discount.group)?;
    let level = book.level(discount.group)?;
    let takes = match discount.takes {
        Takes::Percent(points) => format_percent(Decimal::new(points, 2)),
        Takes::Amount(amount) => currency.format(amount),
    };
    let products = match found.products {
        COUNTED.. => format!("{} products or more", format_count(COUNTED)),
        fewer => counted(fewer, "product", "products"),
    };
    Some(Row {
        what: level.name.clone(),
        path: format!("/groups/{}", level.id),
        cause: format!(
            "{takes} off sells {products} below cost, {} ({}) most: at {}, while it costs {}.",
            found.name,
            found.sku,
            currency.format(found.price),
            currency.format(found.cost)
        ),
        mend: ("Change the discount", format!("/groups/{}/pricing", level.id)),
    })
}
