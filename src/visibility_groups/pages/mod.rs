//! The pages of visibility groups (SPEC 12).

mod edit;
mod list;
mod products;
mod removal;

use crate::visibility_groups::store::parse_id;
use actix_web::web;

/// The routes of the visibility group pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/visibility-groups").route(web::get().to(list::list)).route(web::post().to(edit::create)),
    )
    .service(web::resource("/visibility-groups/new").route(web::get().to(edit::new)))
    .service(
        web::resource("/visibility-groups/{id}")
            .route(web::get().to(products::show))
            .route(web::post().to(edit::update)),
    )
    .service(web::resource("/visibility-groups/{id}/edit").route(web::get().to(edit::edit)))
    .service(
        web::resource("/visibility-groups/{id}/add")
            .route(web::get().to(products::choose))
            .route(web::post().to(products::add)),
    )
    .service(web::resource("/visibility-groups/{id}/remove").route(web::post().to(products::remove)))
    .service(
        web::resource("/visibility-groups/{id}/deletion")
            .route(web::get().to(removal::confirm))
            .route(web::post().to(removal::delete)),
    );
}
