//! Deleting a price list, with whom it touches shown first.

use super::super::actions;
use super::super::store::users::{self, Use, UsedBy};
use super::super::store::{self, PriceList};
use super::parse_id;
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::Result;
use crate::impact::panel::Panel;
use crate::impact::store::assess::Look;
use crate::impact::store::rehearse::rehearse;
use crate::impact::store::today;
use crate::inheritance::store::live::LiveSettings;
use crate::pricing::facts::Question;
use crate::web::errors::PageError;
use crate::web::format::filters;
use crate::web::forms::{FormState, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::{HttpResponse, web};
use askama::Template;
use diesel::PgConnection;

/// How many groups the page names.
const NAMED: i64 = 20;

#[derive(Template)]
#[template(path = "price_lists/delete.html")]
struct DeletePage {
    shell: Shell,
    list: PriceList,
    used: Use,
    groups: Vec<UsedBy>,
    panel: Panel,
}

impl DeletePage {
    fn further(&self) -> i64 {
        self.used.groups - i64::try_from(self.groups.len()).unwrap_or_default()
    }
}

/// `GET /price-lists/{id}/deletion`.
pub async fn confirm(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    let id = parse_id(&id)?;
    let now = clock.now();
    let page = db
        .read(move |conn| {
            let list = store::get(conn, id)?;
            let question = Question { currency: list.currency(), ..today(conn, now)? };
            let delete = |conn: &mut PgConnection| actions::delete(conn, &actor, id, None, now);
            let impact = rehearse(conn, &live, &question, Look { list: Some(id), ..Look::default() }, delete)?;
            let panel = Panel::showing(question.currency, impact, String::new(), String::new());
            let (used, groups) = (users::count(conn, id)?, users::used_by(conn, &[id], NAMED)?);
            Ok(DeletePage { shell, list, used, groups, panel })
        })
        .await?;
    Ok(respond::page(&page)?)
}

/// `POST /price-lists/{id}/deletion`.
pub async fn delete(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
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
    leave(&session, Flash::success(format!("{name} is deleted with its prices.")))?;
    Ok(hx.see_other("/price-lists"))
}
