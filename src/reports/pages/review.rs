//! The review card of a group, and noting that it was reviewed.

use super::{Asking, Reader};
use crate::auth::role::{Actor, Permission};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::Result;
use crate::groups::store::{self as groups, Group};
use crate::reports::actions;
use crate::reports::review::Review;
use crate::reports::store::reviewing::review;
use crate::store_settings::settings::StoreSettings;
use crate::table::Cell;
use crate::web::errors::PageError;
use crate::web::format::filters;
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpResponse, web};
use askama::Template;

#[derive(Template)]
#[template(path = "reports/review.html", blocks = ["review"])]
struct ReviewPage {
    shell: Shell,
    group: Group,
    store: StoreSettings,
    review: Review,
    may_review: bool,
}

impl ReviewPage {
    fn margin(&self) -> String {
        let metrics = &self.review.report.metrics;
        let share = Cell::share(metrics.net_margin).told(self.store.currency);
        format!("{} ({share})", self.store.currency.format_whole(metrics.margin))
    }

    fn discount(&self) -> String {
        self.store.currency.format_whole(self.review.report.metrics.discount)
    }
}

/// `GET /groups/{id}/review`: the card, on the overview or by itself.
pub async fn show(asking: Asking, shell: Shell, hx: Hx, id: web::Path<String>) -> Result<HttpResponse, PageError> {
    let may_review = asking.3.may(Permission::EditGroups);
    let reader = Reader::of(asking)?;
    let id = groups::parse_id(&id)?;
    let (store, group, review) = reader
        .main(move |conn, live, ground| {
            let group = groups::live(conn, id)?;
            let review = review(conn, live, &group, &ground.store, ground.today)?;
            Ok((ground.store, group, review))
        })
        .await?;
    let page = ReviewPage { shell, group, store, review, may_review };
    Ok(if hx.wants("review") { respond::page(&page.as_review())? } else { respond::page(&page)? })
}

/// `POST /groups/{id}/review`: somebody has looked it through.
pub async fn mark(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let id = groups::parse_id(&id)?;
    let now = clock.now();
    db.write(move |conn| actions::review(conn, &actor, id, now)).await?;
    Ok(hx.see_other(&format!("/groups/{id}")))
}
