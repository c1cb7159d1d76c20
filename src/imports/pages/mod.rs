//! The pages of imports (SPEC 11): what was imported, sending a file, its columns, how far it is, what came of it.

mod columns;
mod events;
mod list;
mod show;

use crate::error::{Error, Result};
use actix_web::web;
use uuid::Uuid;

/// The routes, inside of the guard.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/imports").route(web::get().to(list::list)).route(web::post().to(list::receive)))
        .service(web::resource("/imports/{id}").route(web::get().to(show::show)))
        .service(
            web::resource("/imports/{id}/columns")
                .route(web::get().to(columns::open))
                .route(web::post().to(columns::check)),
        )
        .service(web::resource("/imports/{id}/start").route(web::post().to(show::start)))
        .service(web::resource("/imports/{id}/discard").route(web::post().to(show::discard)))
        .service(web::resource("/imports/{id}/events").route(web::get().to(events::events)))
        .service(web::resource("/imports/{id}/bad-rows.csv").route(web::get().to(show::bad_rows)));
}

/// The id in an address.
fn parse_id(text: &str) -> Result<Uuid> {
    text.parse().map_err(|_| Error::NotFound("There is no such import.".into()))
}
