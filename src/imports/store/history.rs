//! Groups as the audit log keeps them, before and after: one event for each that an import makes or changes.

use super::{Job, run, staging};
use crate::audit::event::{Action, actor_columns};
use crate::audit::told::happened;
use crate::error::Result;
use crate::outbox::store::{By, tell};
use diesel::pg::PgConnection;
use diesel::sql_types::{Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde_json::Value;
use uuid::Uuid;

/// What the log keeps of a group ([`crate::groups::actions::fields`]), and its price lists with their priorities.
const FIELDS: &str = "jsonb_build_object('name', g.name, 'code', g.code, 'description', g.description,
    'status', g.status, 'type', g.type, 'parent', p.name, 'capacity', g.capacity, 'metadata', g.metadata,
    'price_lists', coalesce((
        SELECT string_agg(l.code || ' (' || a.priority || ')', ', ' ORDER BY a.priority, l.code)
        FROM group_price_lists a JOIN price_lists l ON l.id = a.price_list_id WHERE a.group_id = g.id
    ), ''))";

/// Notes what the groups in `import_audited` (one column, `id`) are like now. Those that aren't there yet are new.
pub(super) fn note(conn: &mut PgConnection) -> Result<()> {
    staging::temporary(conn, "import_group_before", "id uuid, fields jsonb")?;
    run(
        conn,
        &format!(
            "INSERT INTO import_group_before
             SELECT g.id, {FIELDS} FROM import_audited a
             JOIN groups g ON g.id = a.id LEFT JOIN groups p ON p.id = g.parent_id"
        ),
    )?;
    Ok(())
}

/// Records one event for each group of `import_audited` that is new or differs from what was noted, and tells webhooks.
/// There are at most 10,000 groups (SPEC 15).
pub(super) fn record(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        action: String,
        #[diesel(sql_type = SqlUuid)]
        subject_id: Uuid,
        #[diesel(sql_type = Text)]
        subject_name: String,
        #[diesel(sql_type = Nullable<Jsonb>)]
        before: Option<Value>,
        #[diesel(sql_type = Nullable<Jsonb>)]
        after: Option<Value>,
    }
    let (kind, id, name) = actor_columns(job.actor);
    let rows: Vec<Row> = sql_query(format!(
        "INSERT INTO audit_events (id, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id,
                                   subject_name, group_id, before, after, request_id)
         SELECT uuid_v7(), $1, $2, $3, $4, action, 'group', id, name, id, was, is_now, $5
         FROM (
             SELECT g.id, g.name,
                    CASE WHEN b.id IS NULL THEN $6
                         WHEN d.is_now ? 'parent' AND (SELECT count(*) FROM jsonb_object_keys(d.is_now)) = 1 THEN $7
                         ELSE $8 END AS action,
                    CASE WHEN b.id IS NOT NULL THEN d.was END AS was, d.is_now
             FROM import_audited a
             JOIN groups g ON g.id = a.id
             LEFT JOIN groups p ON p.id = g.parent_id
             LEFT JOIN import_group_before b ON b.id = g.id
             CROSS JOIN LATERAL (
                 SELECT jsonb_object_agg(key, b.fields -> key) AS was, jsonb_object_agg(key, value) AS is_now
                 FROM jsonb_each({FIELDS}) WHERE value IS DISTINCT FROM b.fields -> key
             ) d
             WHERE d.is_now IS NOT NULL
         ) e
         RETURNING action, subject_id, subject_name, before, after"
    ))
    .bind::<Timestamptz, _>(job.now)
    .bind::<Text, _>(kind)
    .bind::<Nullable<SqlUuid>, _>(id)
    .bind::<Text, _>(name)
    .bind::<Nullable<Text>, _>(job.actor.request_id.as_deref())
    .bind::<Text, _>(Action::GroupCreated.name())
    .bind::<Text, _>(Action::GroupMoved.name())
    .bind::<Text, _>(Action::GroupChanged.name())
    .load(conn)?;
    let happened = rows.iter().filter_map(|row| {
        let action = Action::from_name(&row.action)?;
        happened(action, row.subject_id, &row.subject_name, row.before.as_ref(), row.after.as_ref())
    });
    tell(conn, &By { now: job.now, kind, id, name }, &happened.collect::<Vec<_>>())
}
