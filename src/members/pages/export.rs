//! A group's members as a file: those who match the list's filters, the longest-standing first.

use super::super::listing::{Filter, Order, Sort};
use super::super::store::list::{self, Member};
use super::{filter, measure};
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::db::keyset::Place;
use crate::error::Result;
use crate::groups::store::{self as groups, parse_id};
use crate::store_settings::store as store_settings;
use crate::table::{Cell, Table};
use crate::web::errors::PageError;
use crate::web::query::Query;
use crate::web::{csv, workbook};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono_tz::Tz;

/// Rows that are fetched at a time.
const ROWS: usize = 10_000;

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
    let db = Db::clone(&db);
    let rows = move |place| {
        let (db, filter) = (db.clone(), filter.clone());
        async move {
            let order = Order { sort: Sort::Since, descending: false, place };
            let page = db.read(move |conn| list::page(conn, id, &filter, &order, &measure, ROWS)).await?;
            let next = page.rows.last().filter(|_| page.after).map(|row| Place::After(row.cursor(Sort::Since)));
            Ok((page.rows.iter().map(|member| cells(member, store.time_zone)).collect::<Vec<_>>(), next))
        }
    };
    let columns = ["Code", "Name", "Status", "Member since", "Assignment", "Primary", "Purchases", "Last order"];
    let heading = Table::new("Members", columns);
    let name = format!("members-{}", group.code.to_lowercase());
    if request.path().ends_with(".xlsx") {
        return Ok(workbook::of_list(&format!("{name}.xlsx"), store.currency, heading, Place::Start, rows).await?);
    }
    Ok(csv::of_list(&format!("{name}.csv"), store.currency, heading, Place::Start, rows))
}

fn cells(member: &Member, zone: Tz) -> Vec<Cell> {
    vec![
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
