//! Who is nearest to a rule without being in its group: customers who would match if one condition turned.

use super::compile::Compiled;
use super::sql::Value;
use crate::error::Result;
use diesel::pg::PgConnection;
use diesel::sql_types::Uuid as SqlUuid;
use diesel::{QueryableByName, RunQueryDsl};
use uuid::Uuid;

/// The customers who aren't in the group and lack exactly one condition, those first who come nearest to it (in
/// proportion to what is asked), then by name.
pub fn nearest(conn: &mut PgConnection, compiled: &Compiled, group: Uuid, limit: i64) -> Result<Vec<Uuid>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let mut values = compiled.values.clone();
    let group = values.place(Value::Id(group));
    let limit = values.place(Value::Number(limit));
    let rows: Vec<Row> = values
        .query(&format!(
            "SELECT c.id FROM {}
             LEFT JOIN memberships m ON m.group_id = {group} AND m.customer_id = c.id
             WHERE m.customer_id IS NULL AND {} = 1
             ORDER BY {}, lower(c.name), c.id LIMIT {limit}",
            compiled.from,
            compiled.lacks(),
            compiled.gap()
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
