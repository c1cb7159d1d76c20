//! One delivery: what it carries, and what came of each attempt.

use super::super::delivery::{Event, State};
use super::super::store::deliveries::{self, Attempt, Delivery};
use super::super::store::{self, Endpoint, parse_id};
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::outbox::kind::Kind;
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::filters;
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpResponse, web};
use askama::Template;

#[derive(Template)]
#[template(path = "webhooks/delivery.html", blocks = ["state"])]
struct DeliveryPage {
    shell: Shell,
    endpoint: Endpoint,
    delivery: Delivery,
    event: Event,
    attempts: Vec<Attempt>,
    store: StoreSettings,
}

impl DeliveryPage {
    fn path(&self) -> String {
        format!("/settings/webhooks/{}/deliveries/{}", self.endpoint.id, self.delivery.id)
    }

    fn ended_label(&self) -> &'static str {
        if self.delivery.state() == State::Delivered { "Arrived" } else { "Given up" }
    }

    /// Whether it will have been tried in a moment.
    fn is_awaited(&self) -> bool {
        let sent = self.endpoint.active || self.delivery.kind == Kind::Test.name();
        sent && self.delivery.state() == State::Pending
    }
}

/// `GET /settings/webhooks/{id}/deliveries/{delivery}`.
pub async fn show(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManageWebhooks)?;
    let (id, delivery) = (parse_id(&path.0)?, deliveries::parse_id(&path.1)?);
    let page = db
        .read(move |conn| {
            let endpoint = store::get(conn, id)?;
            let (delivery, event) = deliveries::get(conn, id, delivery)?;
            let attempts = deliveries::attempts(conn, delivery.id)?;
            Ok(DeliveryPage { shell, endpoint, delivery, event, attempts, store: store_settings::load(conn)? })
        })
        .await?;
    Ok(if hx.wants("state") { respond::page(&page.as_state())? } else { respond::page(&page)? })
}
