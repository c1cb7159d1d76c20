//! Promotions, segments and campaigns.

use crate::campaigns::store as campaigns;
use crate::demo::marketing::Marketing;
use crate::error::Result;
use crate::promotions::store as promotions;
use crate::segments::store as segments;
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;

/// Writes the marketing: there is little of it, and what it stands on is there already.
pub fn write_marketing(conn: &mut PgConnection, all: &Marketing, now: DateTime<Utc>) -> Result<()> {
    for (id, details) in &all.promotions {
        promotions::insert(conn, *id, details, now)?;
    }
    for (id, details) in &all.segments {
        segments::insert(conn, *id, details, now)?;
    }
    for (id, details) in &all.campaigns {
        campaigns::insert(conn, *id, details, now)?;
    }
    Ok(())
}
