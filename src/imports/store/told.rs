//! What webhooks are told of price lists that an import makes or changes. The log has one event for the whole import.

use super::Job;
use crate::audit::event::actor_columns;
use crate::error::Result;
use crate::outbox::kind::{Happened, Kind};
use crate::outbox::store::{By, tell};
use diesel::pg::PgConnection;
use diesel::sql_types::{Bool, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

/// Tells of the lists that `select` gives (`id`, `is_new`): new ones are created, to the others `otherwise` happened. There
/// are at most 10,000 lists (SPEC 15).
pub(super) fn lists(conn: &mut PgConnection, job: &Job<'_>, select: &str, otherwise: Kind) -> Result<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Bool)]
        is_new: bool,
    }
    let rows: Vec<Row> = sql_query(select).load(conn)?;
    let happened = rows.iter().map(|row| Happened {
        kind: if row.is_new { Kind::PriceListCreated } else { otherwise },
        subject: row.id,
        changed: Vec::new(),
        last: None,
    });
    let (kind, id, name) = actor_columns(job.actor);
    tell(conn, &By { now: job.now, kind, id, name }, &happened.collect::<Vec<_>>())
}
