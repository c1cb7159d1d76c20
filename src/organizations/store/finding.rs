//! Organizations found by what is typed.

use crate::db::functions::lower;
use crate::error::Result;
use crate::groups::store::naming::escape_like;
use crate::organizations::forms::Picked;
use crate::schema::organizations;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// An organization found by a search that picks one.
#[derive(Clone, Debug, QueryableByName)]
pub struct Found {
    /// Id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Code.
    #[diesel(sql_type = Text)]
    pub code: String,
}

/// Organizations whose name or code contains the text; those that begin with it come first.
pub fn search(conn: &mut PgConnection, text: &str, limit: i64) -> Result<Vec<Found>> {
    let text = escape_like(&text.trim().to_lowercase());
    Ok(diesel::sql_query(
        "SELECT id, name, code FROM organizations
         WHERE search LIKE '%' || $1 || '%'
         ORDER BY (lower(name) LIKE $1 || '%' OR lower(code) LIKE $1 || '%') DESC, lower(name), id
         LIMIT $2",
    )
    .bind::<Text, _>(text)
    .bind::<BigInt, _>(limit)
    .load(conn)?)
}

/// The organization that a searched field means: the picked one where the text is still its name, otherwise the one
/// of exactly this code, or of this name where only one has it.
pub fn meant(conn: &mut PgConnection, picked: &Picked) -> Result<Option<Uuid>> {
    let row = || organizations::table.select(organizations::id);
    let of_id = |conn: &mut PgConnection, id: Uuid| -> Result<Option<String>> {
        Ok(organizations::table.find(id).select(organizations::name).first(conn).optional()?)
    };
    match (picked.id, &picked.text) {
        (None, None) => Ok(None),
        (Some(id), None) => Ok(of_id(conn, id)?.map(|_| id)),
        (Some(id), Some(text)) if of_id(conn, id)?.as_ref() == Some(text) => Ok(Some(id)),
        (_, Some(text)) => {
            let by_code: Option<Uuid> = row().filter(organizations::code.eq(text)).first(conn).optional()?;
            if by_code.is_some() {
                return Ok(by_code);
            }
            let named: Vec<Uuid> = row()
                .filter(lower(organizations::name).eq(lower(text)))
                .order(organizations::id)
                .limit(2)
                .load(conn)?;
            Ok(named.first().copied().filter(|_| named.len() == 1))
        }
    }
}
