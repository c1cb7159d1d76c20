//! A campaign's page, and deleting it after being asked.

use super::super::actions;
use super::super::store::{self, CampaignRow, Part, parse_id};
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::error::Result;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::forms::{FormState, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

#[derive(Template)]
#[template(path = "campaigns/show.html")]
struct ShowPage {
    shell: Shell,
    campaign: CampaignRow,
    segments: Vec<Part>,
    promotions: Vec<Part>,
    today: NaiveDate,
    may_edit: bool,
}

/// `GET /campaigns/{id}`.
pub async fn show(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let (now, may_edit) = (clock.now(), actor.may(Permission::EditPromotions));
    let page = db
        .read(move |conn| {
            let campaign = store::get(conn, id)?;
            let details = store::details(conn, &campaign)?;
            Ok(ShowPage {
                segments: store::segments_of(conn, &details.segments)?,
                promotions: store::promotions_of(conn, &details.promotions)?,
                today: store_day(now, store_settings::load(conn)?.time_zone),
                shell,
                campaign,
                may_edit,
            })
        })
        .await?;
    Ok(respond::page(&page)?)
}

#[derive(Template)]
#[template(path = "campaigns/delete.html")]
struct DeletePage {
    shell: Shell,
    campaign: CampaignRow,
    /// Promotions that need no campaign any more once this one is gone.
    set_free: Vec<Part>,
}

/// `GET /campaigns/{id}/deletion`.
pub async fn confirm(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditPromotions)?;
    let id = parse_id(&id)?;
    let page = db
        .read(move |conn| {
            let set_free = store::set_free_without(conn, id)?;
            Ok(DeletePage { shell, campaign: store::get(conn, id)?, set_free })
        })
        .await?;
    Ok(respond::page(&page)?)
}

/// `POST /campaigns/{id}/deletion`.
pub async fn delete(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditPromotions)?;
    let id = parse_id(&id)?;
    let version = version(&form)?;
    let now = clock.now();
    let name = db
        .write(move |conn| {
            let name = store::get(conn, id)?.name;
            actions::delete(conn, &actor, id, Some(version), now)?;
            Ok(name)
        })
        .await?;
    leave(&session, Flash::success(format!("{name} is deleted.")))?;
    Ok(hx.see_other("/campaigns"))
}
