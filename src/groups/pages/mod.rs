//! The pages of customer groups (SPEC 12).

mod edit;
mod history;
mod list;
mod removal;
mod search;
mod show;

use super::store::parse_id;
pub use super::tabs::{Tab, tabs};
use actix_web::web;

/// The routes of the group pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/groups").route(web::get().to(list::list)).route(web::post().to(edit::create)))
        .service(web::resource("/groups.csv").route(web::get().to(list::export)))
        .service(web::resource("/groups.xlsx").route(web::get().to(list::export)))
        .service(web::resource("/groups/new").route(web::get().to(edit::new)))
        .service(web::resource("/groups/options").route(web::get().to(search::options)))
        .service(web::resource("/groups/{id}").route(web::get().to(show::show)).route(web::post().to(edit::update)))
        .service(web::resource("/groups/{id}/edit").route(web::get().to(edit::edit)))
        .service(web::resource("/groups/{id}/copy").route(web::post().to(edit::copy)))
        .service(
            web::resource("/groups/{id}/deletion")
                .route(web::get().to(removal::confirm))
                .route(web::post().to(removal::delete)),
        )
        .service(web::resource("/groups/{id}/deletion/impact").route(web::post().to(removal::impact)))
        .service(
            web::resource("/groups/{id}/restoration")
                .route(web::get().to(removal::confirm_restore))
                .route(web::post().to(removal::restore)),
        )
        .service(web::resource("/groups/{id}/history").route(web::get().to(history::show)))
        .service(web::resource("/search").route(web::get().to(search::jump)));
}
