//! The pages of segments (SPEC 12).

mod edit;
mod form;
mod list;
mod removal;
mod show;

use actix_web::web;

/// The routes of the segment pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/segments").route(web::get().to(list::list)).route(web::post().to(edit::create)))
        .service(web::resource("/segments/new").route(web::get().to(edit::new)))
        .service(web::resource("/segments/options").route(web::get().to(list::options)))
        .service(web::resource("/segments/{id}").route(web::get().to(show::show)).route(web::post().to(edit::update)))
        .service(web::resource("/segments/{id}/edit").route(web::get().to(edit::edit)))
        .service(
            web::resource("/segments/{id}/deletion")
                .route(web::get().to(removal::confirm))
                .route(web::post().to(removal::delete)),
        );
}
