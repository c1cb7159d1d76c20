//! A group's members as a file: those who match the list's filters, the longest-standing first.

use super::super::listing::Filter;
use super::super::store::list::Member;
use super::super::store::whole;
use super::{filter, measure};
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::error::Result;
use crate::groups::store::{self as groups, parse_id};
use crate::store_settings::store as store_settings;
use crate::table::{Cell, Table};
use crate::web::errors::PageError;
use crate::web::query::Query;
use crate::web::{csv, workbook};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono_tz::Tz;
use diesel::PgConnection;

/// `GET /groups/{id}/members.csv`, `.xlsx`.
pub async fn export(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let query = Query::new("", request.query_string());
    let filter: Filter = filter(&query);
    let (store, group) = db.read(move |conn| Ok((store_settings::load(conn)?, groups::live(conn, id)?))).await?;
    let measure = measure(&store, clock.now());
    let columns = ["Code", "Name", "Status", "Member since", "Assignment", "Primary", "Purchases", "Last order"];
    let heading = Table::new("Members", columns);
    let name = format!("members-{}", group.code.to_lowercase());
    let each = move |conn: &mut PgConnection, take: &mut dyn FnMut(&[Cell]) -> Result<()>| {
        whole::each(conn, id, &filter, &measure, |member| take(&cells(member, store.time_zone)))
    };
    if request.path().ends_with(".xlsx") {
        return Ok(workbook::of_query(&format!("{name}.xlsx"), store.currency, heading, &db, each).await?);
    }
    Ok(csv::of_query(&format!("{name}.csv"), store.currency, heading, &db, each)?)
}

fn cells(member: &Member, zone: Tz) -> [Cell; 8] {
    [
        Cell::text(&member.code),
        Cell::text(&member.name),
        Cell::text(&member.status),
        Cell::Day(store_day(member.since, zone)),
        Cell::text(member.assignment().label()),
        Cell::text(if member.is_primary { "yes" } else { "no" }),
        Cell::Money(member.purchases),
        Cell::day(member.last_order_on),
    ]
}
