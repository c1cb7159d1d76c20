//! The one row of store settings.

use super::settings::StoreSettings;
use crate::error::{Error, Result};
use crate::money::Currency;
use crate::schema::{customer_other_orders, memberships, store_settings};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::dsl::sum;
use diesel::prelude::*;
use diesel::sql_types::Text;
use uuid::Uuid;

type Row = (String, String, Option<Uuid>, i64, i32, bool, i32);

const COLUMNS: (
    store_settings::currency,
    store_settings::time_zone,
    store_settings::default_group_id,
    store_settings::flat_shipping,
    store_settings::rule_guard_percent,
    store_settings::create_missing_groups,
    store_settings::version,
) = (
    store_settings::currency,
    store_settings::time_zone,
    store_settings::default_group_id,
    store_settings::flat_shipping,
    store_settings::rule_guard_percent,
    store_settings::create_missing_groups,
    store_settings::version,
);

/// The settings that hold.
pub fn load(conn: &mut PgConnection) -> Result<StoreSettings> {
    read(store_settings::table.select(COLUMNS).get_result(conn)?)
}

/// The settings, locked until the transaction ends.
pub fn lock(conn: &mut PgConnection) -> Result<StoreSettings> {
    read(store_settings::table.select(COLUMNS).for_update().first(conn)?)
}

fn read(
    (currency, time_zone, default_group_id, flat_shipping, rule_guard_percent, create_missing_groups, version): Row,
) -> Result<StoreSettings> {
    Ok(StoreSettings {
        currency: Currency::from_code(&currency)
            .ok_or_else(|| Error::internal(format!("the store's currency {currency} is unknown")))?,
        time_zone: time_zone.parse::<Tz>().map_err(Error::internal)?,
        default_group_id,
        flat_shipping,
        rule_guard_percent,
        create_missing_groups,
        version,
    })
}

/// Writes the settings; the version goes up by one.
pub fn save(conn: &mut PgConnection, new: &StoreSettings, now: DateTime<Utc>) -> Result<()> {
    diesel::update(store_settings::table)
        .set((
            store_settings::currency.eq(new.currency.code()),
            store_settings::time_zone.eq(new.time_zone.name()),
            store_settings::default_group_id.eq(new.default_group_id),
            store_settings::flat_shipping.eq(new.flat_shipping),
            store_settings::rule_guard_percent.eq(new.rule_guard_percent),
            store_settings::create_missing_groups.eq(new.create_missing_groups),
            store_settings::version.eq(store_settings::version + 1),
            store_settings::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Rewrites the store day of every order, after the time zone changed.
pub fn move_days(conn: &mut PgConnection, time_zone: Tz) -> Result<usize> {
    Ok(diesel::sql_query(
        "UPDATE orders SET day = (placed_at AT TIME ZONE $1)::date WHERE day <> (placed_at AT TIME ZONE $1)::date",
    )
    .bind::<Text, _>(time_zone.name())
    .execute(conn)?)
}

/// Recomputes all purchases, after the time zone or the currency changed.
pub fn rebuild_purchases(conn: &mut PgConnection) -> Result<()> {
    diesel::sql_query("SELECT rebuild_purchases()").execute(conn)?;
    Ok(())
}

/// How many orders are in other currencies than the store's: they are kept and shown, and count nowhere (SPEC 1). Those
/// of all customers, or of the members of these groups.
pub fn orders_in_other_currencies(conn: &mut PgConnection, groups: Option<&[Uuid]>) -> Result<i64> {
    let mut rows = customer_other_orders::table.into_boxed();
    if let Some(groups) = groups {
        let theirs = memberships::table.filter(memberships::group_id.eq_any(groups)).select(memberships::customer_id);
        rows = rows.filter(customer_other_orders::customer_id.eq_any(theirs));
    }
    let orders: Option<i64> = rows.select(sum(customer_other_orders::orders)).get_result(conn)?;
    Ok(orders.unwrap_or(0))
}
