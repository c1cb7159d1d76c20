//! The mapping that was used the last time for a header.

use crate::error::{Error, Result};
use crate::imports::kind::Kind;
use crate::schema::import_mappings;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::BTreeMap;

/// The mapping remembered for files of `kind` with this header ([`crate::imports::mapping::signature`]).
pub fn load(conn: &mut PgConnection, kind: Kind, signature: &str) -> Result<Option<BTreeMap<String, String>>> {
    let mapping: Option<serde_json::Value> = import_mappings::table
        .find((kind.name(), signature))
        .select(import_mappings::mapping)
        .first(conn)
        .optional()?;
    mapping.map(serde_json::from_value).transpose().map_err(Error::internal)
}

/// Remembers a mapping that worked.
pub fn save(
    conn: &mut PgConnection,
    kind: Kind,
    signature: &str,
    pairs: &BTreeMap<String, String>,
    now: DateTime<Utc>,
) -> Result<()> {
    let mapping = serde_json::to_value(pairs).map_err(Error::internal)?;
    diesel::insert_into(import_mappings::table)
        .values((
            import_mappings::kind.eq(kind.name()),
            import_mappings::header.eq(signature),
            import_mappings::mapping.eq(&mapping),
            import_mappings::used_at.eq(now),
        ))
        .on_conflict((import_mappings::kind, import_mappings::header))
        .do_update()
        .set((import_mappings::mapping.eq(&mapping), import_mappings::used_at.eq(now)))
        .execute(conn)?;
    Ok(())
}
