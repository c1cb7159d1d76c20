//! `/admin/pricing/customer-groups/{id}/effective` and `…/settings` (SPEC 13).

mod answer;
mod asked;
mod described;

pub use self::answer::EffectiveBody;
use self::described::SettingsPatch;
use super::actions;
use crate::api::body::Body;
use crate::api::call::{Call, entity_tag};
use crate::api::problem::Problem;
use crate::auth::role::{Actor, Permission};
use crate::auth::store::token_by_hash;
use crate::error::Result;
use crate::group_cache::api::part_of;
use crate::group_cache::kept::GroupCache;
use crate::group_cache::value::Part;
use crate::groups::store::{self as groups, parse_id};
use crate::inheritance::book::Book;
use crate::inheritance::store::live::LiveSettings;
use crate::store_settings::store as store_settings;
use actix_web::{HttpResponse, web};
use diesel::PgConnection;
use utoipa::OpenApi;
use uuid::Uuid;

/// The routes, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/pricing/customer-groups/{id}/effective").route(web::get().to(show)))
        .service(web::resource("/pricing/customer-groups/{id}/settings").route(web::patch().to(change)));
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(show, change))]
pub struct Calls;

/// What holds for a group, every value with the group that it comes from.
#[utoipa::path(
    get,
    path = "/admin/pricing/customer-groups/{id}/effective",
    tag = "Customer groups",
    responses((status = 200, body = EffectiveBody))
)]
async fn show(
    call: Call,
    cache: web::Data<GroupCache>,
    live: web::Data<LiveSettings>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let shared = (GroupCache::clone(&cache), LiveSettings::clone(&live));
    let find = |conn: &mut PgConnection, token: &[u8]| Ok(token_by_hash(conn, token)?.map(|token| (token, ())));
    let answer = move |conn: &mut PgConnection, _: &Actor, ()| self::answer(conn, &live, id);
    part_of(call, shared, (id, Part::Effective), find, answer).await
}

/// Changes a group's own settings.
#[utoipa::path(
    patch,
    path = "/admin/pricing/customer-groups/{id}/settings",
    tag = "Customer groups",
    request_body = SettingsPatch,
    responses((status = 200, body = EffectiveBody))
)]
async fn change(
    call: Call,
    live: web::Data<LiveSettings>,
    id: web::Path<String>,
    body: Body<SettingsPatch>,
) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let (version, body) = call
        .write(move |conn, actor, now| {
            actor.require(Permission::EditGroups)?;
            let currency = store_settings::load(conn)?.currency;
            let patch = asked::read(conn, id, &body.0.0, currency)?;
            actions::change(conn, actor, id, version, &patch, now)?;
            answer(conn, &live, id)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(version)).json(body))
}

fn answer(conn: &mut PgConnection, live: &LiveSettings, id: Uuid) -> Result<(i32, EffectiveBody)> {
    let book = live.now(conn)?;
    let group = groups::live(conn, id)?;
    Ok((group.version, effective_of(conn, &book, id)?))
}

/// What holds for a group, by this book.
///
/// # Errors
/// No such group.
pub fn effective_of(conn: &mut PgConnection, book: &Book, id: Uuid) -> Result<EffectiveBody> {
    let currency = store_settings::load(conn)?.currency;
    EffectiveBody::of(conn, book, id, currency)
}
