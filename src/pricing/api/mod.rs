//! The price lists of a group (SPEC 13): `/admin/pricing/customer-groups/{id}/price-lists`. Beside it: what shops ask.

pub mod customers;
pub mod prices;

use super::actions::{Wish, assign_list, unassign_list};
use super::priority;
use crate::api::body::Body;
use crate::api::call::{Call, entity_tag};
use crate::api::problem::Problem;
use crate::auth::role::Permission;
use crate::error::{Error, Result};
use crate::groups::store::{self as groups, parse_id};
use crate::inheritance::own::AssignedList;
use crate::inheritance::store as settings;
use actix_web::{HttpResponse, web};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The routes of the calls, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/pricing/customer-groups/{id}/price-lists")
            .route(web::get().to(list))
            .route(web::post().to(assign)),
    )
    .service(web::resource("/pricing/customer-groups/{id}/price-lists/{list}").route(web::delete().to(unassign)));
}

/// The lists of a group in the order in which they are asked, and what is odd about them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ListsBody {
    group_id: Uuid,
    price_lists: Vec<ListBody>,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ListBody {
    price_list_id: Uuid,
    code: String,
    name: String,
    priority: i32,
}

fn body_of(conn: &mut PgConnection, group_id: Uuid) -> Result<ListsBody> {
    let levels = settings::load(conn, &[group_id])?;
    let lists: &[AssignedList] = levels.get(&group_id).map_or(&[], |level| &level.pricing.lists);
    let body = |list: &AssignedList| ListBody {
        price_list_id: list.id,
        code: list.code.clone(),
        name: list.name.clone(),
        priority: list.priority,
    };
    Ok(ListsBody {
        group_id,
        warnings: priority::shared(lists).iter().map(priority::Shared::warning).collect(),
        price_lists: lists.iter().map(body).collect(),
    })
}

async fn list(call: Call, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let (version, body) = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let group = groups::live(conn, id)?;
            Ok((group.version, body_of(conn, id)?))
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(version)).json(body))
}

/// `priority` left out: the next of 1, 10, 100.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewAssignment {
    /// A list's id or its code.
    #[serde(default, alias = "price_list_id")]
    price_list_id: String,
    priority: Option<serde_json::Number>,
}

async fn assign(call: Call, id: web::Path<String>, body: Body<NewAssignment>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let new = body.0;
    let (assigned, body) = call
        .write(move |conn, actor, now| {
            actor.require(Permission::EditGroups)?;
            let priority = new.priority.map(|number| priority::parse(&number.to_string())).transpose();
            let priority = priority.map_err(|message| Error::field("priority", message))?;
            let wish = Wish { list: &new.price_list_id, priority, at: "" };
            let assigned = assign_list(conn, actor, id, version, wish, now)?;
            Ok((assigned, body_of(conn, id)?))
        })
        .await?;
    let mut response = if assigned.is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.insert_header(entity_tag(assigned.group.version)).json(body))
}

async fn unassign(call: Call, path: web::Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (id, list) = path.into_inner();
    let id = parse_id(&id)?;
    let version = call.if_match;
    let group = call.write(move |conn, actor, now| unassign_list(conn, actor, id, version, &list, now)).await?;
    Ok(HttpResponse::NoContent().insert_header(entity_tag(group.version)).finish())
}
