//! The targets of promotions and segments, to look for those that contradict each other.

use crate::db::composed::sql;
use crate::error::Result;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Text, Uuid as SqlUuid};
use std::collections::HashSet;
use uuid::Uuid;

/// A promotion or a segment with the groups that it is for and not for.
#[derive(Clone, Debug, QueryableByName)]
pub struct Targeted {
    /// The key of its page, with `id`.
    #[diesel(sql_type = Text)]
    pub sort: String,
    /// The promotion or segment.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Whether it is a segment.
    #[diesel(sql_type = Bool)]
    pub is_segment: bool,
    /// The groups "in".
    #[diesel(sql_type = Array<SqlUuid>)]
    pub meant: Vec<Uuid>,
    /// The groups "not in".
    #[diesel(sql_type = Array<SqlUuid>)]
    pub not_meant: Vec<Uuid>,
    /// The campaigns that ask for a segment, by name.
    #[diesel(sql_type = Text)]
    pub campaigns: String,
}

/// Up to `limit` promotions that run or will run on this store day, and segments, that are for chosen groups; by name.
pub fn targeted(
    conn: &mut PgConnection,
    today: NaiveDate,
    after: Option<&(String, Uuid)>,
    limit: i64,
) -> Result<Vec<Targeted>> {
    let (sort, id) = after.map_or((String::new(), Uuid::nil()), |(sort, id)| (sort.clone(), *id));
    Ok(sql("SELECT t.*, CASE WHEN is_segment THEN ARRAY(SELECT group_id FROM segment_groups x WHERE x.segment_id = t.id AND x.is_in)
                ELSE ARRAY(SELECT group_id FROM promotion_targets x WHERE x.promotion_id = t.id AND x.is_in) END AS meant,
            CASE WHEN is_segment THEN ARRAY(SELECT group_id FROM segment_groups x WHERE x.segment_id = t.id AND NOT x.is_in)
                ELSE ARRAY(SELECT group_id FROM promotion_targets x WHERE x.promotion_id = t.id AND NOT x.is_in) END AS not_meant,
            CASE WHEN is_segment THEN coalesce((
                SELECT string_agg(c.name, ', ' ORDER BY c.name) FROM campaign_segments s JOIN campaigns c ON c.id = s.campaign_id
                WHERE s.segment_id = t.id AND c.status = 'active'), '') ELSE '' END AS campaigns
         FROM (
             SELECT lower(p.name) AS sort, p.id, p.name, false AS is_segment FROM promotions p
             WHERE p.status = 'active' AND NOT p.reaches_everyone AND coalesce(p.valid_to, 'infinity') >= ")
    .day(today)
    .sql(" UNION ALL SELECT lower(s.name), s.id, s.name, true FROM segments s) t WHERE (t.sort, t.id) > (")
    .text(sort)
    .sql(", ")
    .id(id)
    .sql(") ORDER BY t.sort, t.id LIMIT ")
    .number(limit)
    .load(conn)?)
}

/// The live groups that have members, or are an organization's.
pub fn peopled(conn: &mut PgConnection) -> Result<HashSet<Uuid>> {
    #[derive(QueryableByName)]
    struct Id {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let rows: Vec<Id> = sql("SELECT id FROM groups WHERE deleted_at IS NULL AND member_count > 0
         UNION SELECT o.group_id FROM organizations o
         WHERE o.group_id IS NOT NULL AND EXISTS (SELECT FROM customers c WHERE c.organization_id = o.id)")
    .load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
