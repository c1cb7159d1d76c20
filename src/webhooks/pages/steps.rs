//! What the buttons do: test, pause, resume, send again.

use super::super::actions;
use super::super::store::{deliveries, parse_id};
use crate::auth::role::Actor;
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::web::errors::PageError;
use crate::web::format::counted;
use crate::web::htmx::Hx;
use crate::web::shell::Flash;
use actix_session::Session;
use actix_web::{HttpResponse, web};

/// `POST /settings/webhooks/{id}/test`: leads to the delivery, where it is seen to arrive.
pub async fn test(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (id, now) = (parse_id(&id)?, clock.now());
    let delivery = db.write(move |conn| actions::send_test(conn, &actor, id, now)).await?;
    leave(&session, Flash::success("A test event is on its way."))?;
    Ok(hx.see_other(&format!("/settings/webhooks/{id}/deliveries/{delivery}")))
}

/// `POST /settings/webhooks/{id}/pause`.
pub async fn pause(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (id, now) = (parse_id(&id)?, clock.now());
    let endpoint = db.write(move |conn| actions::set_active(conn, &actor, id, false, now)).await?;
    leave(&session, Flash::success(format!("{} is paused.", endpoint.name())))?;
    Ok(hx.see_other(&format!("/settings/webhooks/{id}")))
}

/// `POST /settings/webhooks/{id}/resumption`.
pub async fn resume(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (id, now) = (parse_id(&id)?, clock.now());
    let endpoint = db.write(move |conn| actions::set_active(conn, &actor, id, true, now)).await?;
    leave(&session, Flash::success(format!("{} is sent events again.", endpoint.name())))?;
    Ok(hx.see_other(&format!("/settings/webhooks/{id}")))
}

/// `POST /settings/webhooks/{id}/replay`: all deliveries that were given up.
pub async fn replay_dead(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (id, now) = (parse_id(&id)?, clock.now());
    let count = db.write(move |conn| actions::replay_dead(conn, &actor, id, now)).await?;
    let flash = match i64::try_from(count).unwrap_or(i64::MAX) {
        0 => Flash::info("No delivery has failed: there is nothing to send again."),
        1 => Flash::success("1 delivery is sent again."),
        count => Flash::success(format!("{} are sent again.", counted(count, "delivery", "deliveries"))),
    };
    leave(&session, flash)?;
    Ok(hx.see_other(&format!("/settings/webhooks/{id}")))
}

/// `POST /settings/webhooks/{id}/deliveries/{delivery}/replay`.
pub async fn replay(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let (id, delivery, now) = (parse_id(&path.0)?, deliveries::parse_id(&path.1)?, clock.now());
    db.write(move |conn| actions::replay(conn, &actor, id, delivery, now)).await?;
    leave(&session, Flash::success("It is sent again."))?;
    Ok(hx.see_other(&format!("/settings/webhooks/{id}/deliveries/{delivery}")))
}
