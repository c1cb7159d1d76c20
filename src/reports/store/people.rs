//! The customers that a report names: who buys most, and who has stopped.

use crate::error::Result;
use crate::reports::metrics::Named;
use crate::reports::people::{NAMED, People, Person};
use crate::schema::{customer_purchases, customers};
use chrono::NaiveDate;
use diesel::prelude::*;
use std::collections::HashMap;
use uuid::Uuid;

type Row = (Uuid, String, String, String, Option<NaiveDate>);

/// Those who are named, with their names: [`NAMED`] of each, by revenue, then by name.
pub fn people(conn: &mut PgConnection, named: &Named) -> Result<People> {
    let ids: Vec<Uuid> = named.top.iter().chain(&named.at_risk).map(|(id, _)| *id).collect();
    let rows: Vec<Row> = customers::table
        .left_join(customer_purchases::table)
        .filter(customers::id.eq_any(ids))
        .select((
            customers::id,
            customers::code,
            customers::name,
            crate::db::functions::lower(customers::name),
            customer_purchases::last_order_on.nullable(),
        ))
        .load(conn)?;
    let rows: HashMap<Uuid, Row> = rows.into_iter().map(|row| (row.0, row)).collect();
    let some = |wanted: &[(Uuid, i64)]| {
        let mut found: Vec<(i64, &Row)> = wanted.iter().filter_map(|(id, net)| Some((*net, rows.get(id)?))).collect();
        found.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| (&x.3, &x.1).cmp(&(&y.3, &y.1))));
        found.into_iter().take(NAMED).map(|(net, row)| person(net, row)).collect()
    };
    Ok(People { top: some(&named.top), at_risk: some(&named.at_risk) })
}

fn person(revenue: i64, (id, code, name, _, last_order_on): &Row) -> Person {
    Person { id: *id, code: code.clone(), name: name.clone(), revenue, last_order_on: *last_order_on }
}
