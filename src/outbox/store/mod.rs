//! Writing events, with a delivery to each webhook that wants them; as sets, however many there are.

mod shapes;

use self::shapes::{GROUP, PRICE_LIST, PROMOTION};
use super::kind::{Happened, Kind};
use crate::db::statement::statement;
use crate::error::Result;
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde_json::{Value, json};
use uuid::Uuid;

pub use self::shapes::GROUP_IN_SHORT;

/// Who did what is told, and when.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    /// When, UTC.
    pub now: DateTime<Utc>,
    /// As in the audit log: `user`, `token`, `rule_run` …
    pub kind: &'a str,
    /// Who, or which run.
    pub id: Option<Uuid>,
    /// Its name.
    pub name: &'a str,
}

impl By<'_> {
    fn json(&self) -> Value {
        json!({ "kind": self.kind, "id": self.id, "name": self.name })
    }
}

/// The kinds that some active webhook wants. Nothing needs to be written of the others.
pub fn wanted(conn: &mut PgConnection) -> Result<Vec<Kind>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        kind: String,
    }
    let rows: Vec<Row> =
        statement("SELECT DISTINCT unnest(kinds) AS kind FROM webhook_endpoints WHERE active").load(conn)?;
    Ok(rows.iter().filter_map(|row| Kind::from_name(&row.kind)).collect())
}

/// The statement that writes the events of `select` and their deliveries. `select` gives kind, data, group_id and
/// batch_id; the instant is `$1` and who did it `$2`.
///
/// A webhook that is being deleted meanwhile is waited for, and left out when it is gone; one that is being edited isn't
/// waited for.
pub fn telling(select: &str) -> String {
    format!(
        "WITH told AS (
             INSERT INTO outbox_events (id, kind, occurred_at, actor, data, group_id, batch_id)
             SELECT uuid_v7(), t.kind, $1, $2, t.data, t.group_id, t.batch_id FROM ({select}) t
             RETURNING id, kind
         ), receivers AS (
             SELECT id, kinds FROM webhook_endpoints WHERE active FOR KEY SHARE
         )
         INSERT INTO webhook_deliveries (id, event_id, endpoint_id, kind, next_at, created_at)
         SELECT uuid_v7(), told.id, receivers.id, told.kind, $1, $1
         FROM told JOIN receivers ON told.kind = ANY (receivers.kinds)"
    )
}

/// Tells of what happened, in the transaction in which it does. What nobody wants isn't written.
pub fn tell(conn: &mut PgConnection, by: &By<'_>, happened: &[Happened]) -> Result<()> {
    if happened.is_empty() {
        return Ok(());
    }
    let wanted = wanted(conn)?;
    let told: Vec<&Happened> = happened.iter().filter(|one| wanted.contains(&one.kind)).collect();
    if told.is_empty() {
        return Ok(());
    }
    let more = |one: &&Happened| if one.changed.is_empty() { json!({}) } else { json!({ "changed": one.changed }) };
    sql_query(telling(&format!(
        "SELECT h.kind, NULL::uuid AS group_id, NULL::uuid AS batch_id,
                jsonb_build_object(h.subject, coalesce(
                    CASE WHEN g.id IS NOT NULL THEN {GROUP}
                         WHEN l.id IS NOT NULL THEN {PRICE_LIST}
                         WHEN p.id IS NOT NULL THEN {PROMOTION} END,
                    h.last || jsonb_build_object('id', h.id))) || h.more AS data
         FROM unnest($3, $4, $5, $6, $7) WITH ORDINALITY h(kind, subject, id, last, more, place)
         LEFT JOIN groups g ON h.subject = 'group' AND g.id = h.id
         LEFT JOIN price_lists l ON h.subject = 'priceList' AND l.id = h.id
         LEFT JOIN promotions p ON h.subject = 'promotion' AND p.id = h.id
         ORDER BY h.place"
    )))
    .bind::<Timestamptz, _>(by.now)
    .bind::<Jsonb, _>(by.json())
    .bind::<Array<Text>, _>(told.iter().map(|one| one.kind.name()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(told.iter().map(|one| one.kind.subject()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(told.iter().map(|one| one.subject).collect::<Vec<_>>())
    .bind::<Array<Jsonb>, _>(told.iter().map(|one| one.last.clone().unwrap_or_else(|| json!({}))).collect::<Vec<_>>())
    .bind::<Array<Jsonb>, _>(told.iter().map(more).collect::<Vec<_>>())
    .execute(conn)?;
    Ok(())
}

/// Tells of joins and leaves: one event for each group and direction. `select` gives kind, data, group_id and batch_id of
/// each; its values are `$3` (the change's id) and `$4` (why).
pub fn tell_of_members(conn: &mut PgConnection, by: &By<'_>, change: Uuid, reason: &str, select: &str) -> Result<()> {
    sql_query(telling(select))
        .bind::<Timestamptz, _>(by.now)
        .bind::<Jsonb, _>(by.json())
        .bind::<SqlUuid, _>(change)
        .bind::<Text, _>(reason)
        .execute(conn)?;
    Ok(())
}

/// Writes a test event for one webhook, paused or not. Returns the id of its delivery.
pub fn test(conn: &mut PgConnection, by: &By<'_>, endpoint: Uuid) -> Result<Uuid> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let data = json!({ "webhook": { "id": endpoint }, "text": "This is a test. Nothing has changed." });
    let row: Row = sql_query(
        "WITH told AS (
             INSERT INTO outbox_events (id, kind, occurred_at, actor, data) VALUES (uuid_v7(), $3, $1, $2, $4)
             RETURNING id
         )
         INSERT INTO webhook_deliveries (id, event_id, endpoint_id, kind, next_at, created_at)
         SELECT uuid_v7(), id, $5, $3, $1, $1 FROM told RETURNING id",
    )
    .bind::<Timestamptz, _>(by.now)
    .bind::<Jsonb, _>(by.json())
    .bind::<Text, _>(Kind::Test.name())
    .bind::<Jsonb, _>(data)
    .bind::<SqlUuid, _>(endpoint)
    .get_result(conn)?;
    Ok(row.id)
}

/// Forgets what was delivered before `delivered`, what was given up before `dead`, and events that nobody has any more.
pub fn tidy(conn: &mut PgConnection, delivered: DateTime<Utc>, dead: DateTime<Utc>) -> Result<()> {
    sql_query(
        "DELETE FROM webhook_deliveries
         WHERE (ended_at < $1 AND state = 'delivered') OR (ended_at < $2 AND state = 'dead')",
    )
    .bind::<Timestamptz, _>(delivered)
    .bind::<Timestamptz, _>(dead)
    .execute(conn)?;
    sql_query(
        "DELETE FROM outbox_events e
         WHERE occurred_at < $1 AND NOT EXISTS (SELECT FROM webhook_deliveries d WHERE d.event_id = e.id)",
    )
    .bind::<Timestamptz, _>(delivered)
    .execute(conn)?;
    Ok(())
}

/// How many deliveries were given up, counted up to 100: more is "many". Asked with every page of an administrator.
pub fn dead(conn: &mut PgConnection) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        dead: i64,
    }
    let row: Row =
        statement("SELECT count(*) AS dead FROM (SELECT FROM webhook_deliveries WHERE state = 'dead' LIMIT 100) d")
            .get_result(conn)?;
    Ok(row.dead)
}

/// A join or leave that an event counts.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Member {
    /// The step in the history of members.
    #[diesel(sql_type = SqlUuid)]
    pub step: Uuid,
    /// The customer.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Its code.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
}

/// Who joined or left by an event, in the order of the history, after a step of it; at most `limit`. `None` where there is
/// no such event, or it is about no members.
pub fn members(conn: &mut PgConnection, event: Uuid, after: Option<Uuid>, limit: i64) -> Result<Option<Vec<Member>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Timestamptz)]
        occurred_at: DateTime<Utc>,
        #[diesel(sql_type = SqlUuid)]
        group_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        batch_id: Uuid,
    }
    let mut rows: Vec<Row> = sql_query(
        "SELECT kind, occurred_at, group_id, batch_id FROM outbox_events
         WHERE id = $1 AND group_id IS NOT NULL AND batch_id IS NOT NULL",
    )
    .bind::<SqlUuid, _>(event)
    .load(conn)?;
    let Some(row) = rows.pop() else { return Ok(None) };
    let step = if row.kind == Kind::MembersAdded.name() { "joined" } else { "left" };
    let members = sql_query(
        "SELECT e.id AS step, c.id, c.code, c.name
         FROM membership_events e JOIN customers c ON c.id = e.customer_id
         WHERE e.group_id = $1 AND e.at = $2 AND e.batch_id = $3 AND e.kind = $4 AND ($5 IS NULL OR e.id > $5)
         ORDER BY e.id LIMIT $6",
    )
    .bind::<SqlUuid, _>(row.group_id)
    .bind::<Timestamptz, _>(row.occurred_at)
    .bind::<SqlUuid, _>(row.batch_id)
    .bind::<Text, _>(step)
    .bind::<Nullable<SqlUuid>, _>(after)
    .bind::<BigInt, _>(limit)
    .load(conn)?;
    Ok(Some(members))
}
