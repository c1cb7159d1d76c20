//! Deleting a promotion, after being asked.

use super::super::actions;
use super::super::store::{self, PromotionRow, parse_id};
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
use uuid::Uuid;

/// How many campaigns the page names.
const NAMED: i64 = 20;

#[derive(Template)]
#[template(path = "promotions/delete.html")]
struct DeletePage {
    shell: Shell,
    promotion: PromotionRow,
    campaigns: Vec<(Uuid, String)>,
    today: NaiveDate,
}

/// `GET /promotions/{id}/deletion`.
pub async fn confirm(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditPromotions)?;
    let id = parse_id(&id)?;
    let now = clock.now();
    let page = db
        .read(move |conn| {
            let today = store_day(now, store_settings::load(conn)?.time_zone);
            let campaigns = store::campaigns_of(conn, id, NAMED)?;
            Ok(DeletePage { shell, promotion: store::get(conn, id)?, campaigns, today })
        })
        .await?;
    Ok(respond::page(&page)?)
}

/// `POST /promotions/{id}/deletion`.
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
    Ok(hx.see_other("/promotions"))
}
