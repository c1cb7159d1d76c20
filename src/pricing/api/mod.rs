//! The price lists of a group (SPEC 13): `/admin/pricing/customer-groups/{id}/price-lists`. Beside it: what shops ask.

pub mod customers;
pub mod prices;

use super::actions::{Wish, assign_list, unassign_list};
use super::priority;
use crate::api::body::Body;
use crate::api::call::{Call, entity_tag};
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::auth::role::Permission;
use crate::error::{Error, Result};
use crate::groups::store::{self as groups, parse_id};
use crate::inheritance::own::AssignedList;
use crate::inheritance::store as settings;
use actix_web::{HttpResponse, web};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
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

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(list, assign, unassign))]
pub struct Calls;

/// The lists of a group in the order in which they are asked, and what is odd about them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GroupPriceLists)]
struct ListsBody {
    group_id: Uuid,
    price_lists: Vec<ListBody>,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GroupPriceList)]
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

/// The price lists of a group in the order in which they are asked.
#[utoipa::path(
    get,
    path = "/admin/pricing/customer-groups/{id}/price-lists",
    tag = "Customer groups",
    responses((status = 200, body = ListsBody))
)]
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
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PriceListAssignment)]
struct NewAssignment {
    /// A list's id or its code.
    #[serde(default, alias = "price_list_id")]
    #[schema(required)]
    price_list_id: String,
    #[schema(value_type = Option<i32>)]
    priority: Option<serde_json::Number>,
}

/// Gives a group a price list, or the list another priority.
#[utoipa::path(
    post,
    path = "/admin/pricing/customer-groups/{id}/price-lists",
    tag = "Customer groups",
    request_body = NewAssignment,
    responses((status = 201, body = ListsBody), (status = 200, body = ListsBody))
)]
async fn assign(call: Call, id: web::Path<String>, body: Body<NewAssignment>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let new = body.0;
    call.once(move |conn, actor, now| {
        actor.require(Permission::EditGroups)?;
        let priority = new.priority.map(|number| priority::parse(&number.to_string())).transpose();
        let priority = priority.map_err(|message| Error::field("priority", message))?;
        let wish = Wish { list: &new.price_list_id, priority, at: "" };
        let assigned = assign_list(conn, actor, id, version, wish, now)?;
        let reply = Reply::done(&body_of(conn, id)?)?;
        Ok(reply.created(assigned.is_new).of_version(assigned.group.version))
    })
    .await
}

/// Takes a price list away from a group.
#[utoipa::path(
    delete,
    path = "/admin/pricing/customer-groups/{id}/price-lists/{list}",
    tag = "Customer groups",
    responses((status = 204))
)]
async fn unassign(call: Call, path: web::Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (id, list) = path.into_inner();
    let id = parse_id(&id)?;
    let version = call.if_match;
    let group = call.write(move |conn, actor, now| unassign_list(conn, actor, id, version, &list, now)).await?;
    Ok(HttpResponse::NoContent().insert_header(entity_tag(group.version)).finish())
}
