//! What the database says to what is kept.

use super::value::{Made, State};
use crate::auth::store::Token;
use crate::db::statement::statement;
use crate::error::Result;
use crate::inheritance::store::live::News;
use crate::news_since_last;
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Integer, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

#[derive(QueryableByName)]
struct StateRow {
    #[diesel(embed)]
    token: Token,
    #[diesel(embed)]
    news: News,
    #[diesel(sql_type = Text)]
    database: String,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Nullable<Integer>)]
    version: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    mark: Option<String>,
}

/// How the database stands with a group, compared with what was made of it; read along with the live token of this hash.
/// Nothing where no live token has it.
///
/// `mark` is the transaction that last wrote the group's row. All Customers has its number of members elsewhere. A
/// database is one run of a server: a backup that is restored, or a replica that takes over, counts transactions anew.
pub fn state(conn: &mut PgConnection, hash: &[u8], id: Uuid, made: Option<&Made>) -> Result<Option<(Token, State)>> {
    let seen = made.map(|made| made.seen.as_str());
    // A snapshot of another database means nothing here, and may not be in this one's terms at all.
    let row: Option<StateRow> = statement(concat!(
        "SELECT t.id, t.name, t.role, t.created_by, t.created_at, t.last_used_on, t.revoked_at, ",
        news_since_last!(),
        ", extract(epoch FROM pg_postmaster_start_time()) || '/'
             || (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()) AS database,
         s.currency, g.version,
         g.xmin::text || CASE WHEN g.parent_id IS NULL THEN '/' || (SELECT customers FROM store_totals) ELSE '' END AS mark
         FROM (SELECT ((SELECT "
    ))
    .bind::<Nullable<Text>, _>(seen)
    .sql(
        "))::pg_snapshot AS seen) last CROSS JOIN store_settings s CROSS JOIN tokens t
         LEFT JOIN groups g ON g.deleted_at IS NULL AND g.id = ",
    )
    .bind::<SqlUuid, _>(id)
    .sql(" WHERE t.revoked_at IS NULL AND t.token_hash = ")
    .bind::<Binary, _>(hash)
    .sql("")
    .get_result(conn)
    .optional()?;
    Ok(row.map(|row| {
        let (seen, changed) = row.news.told();
        let group = row.version.zip(row.mark);
        (row.token, State { database: row.database, seen, currency: row.currency, group, changed })
    }))
}

/// Groups of which something changed.
#[derive(Debug, QueryableByName)]
pub struct Changed {
    #[diesel(embed)]
    news: News,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    edited: Option<Vec<Uuid>>,
}

impl Changed {
    /// What the database showed, whose settings changed until then (nothing for any group's), and which groups were
    /// edited without a change of settings.
    pub fn told(self) -> (String, Vec<Option<Uuid>>, Vec<Uuid>) {
        let (seen, changed) = self.news.told();
        (seen, changed, self.edited.unwrap_or_default())
    }
}

/// The groups that changed since the database showed `seen`; none where that isn't given.
pub fn changed(conn: &mut PgConnection, seen: Option<&str>) -> Result<Changed> {
    Ok(statement(concat!(
        "SELECT ",
        news_since_last!(),
        ", (SELECT array_agg(DISTINCT e.group_id) FROM group_edits e
            WHERE e.transaction >= pg_snapshot_xmin(last.seen) AND e.transaction < '9223372036854775807'::xid8
              AND NOT pg_visible_in_snapshot(e.transaction, last.seen)
           ) AS edited
         FROM (SELECT ((SELECT "
    ))
    .bind::<Nullable<Text>, _>(seen)
    .sql("))::pg_snapshot AS seen) last")
    .get_result(conn)?)
}
