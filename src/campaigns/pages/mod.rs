//! The pages of campaigns (SPEC 12).

mod edit;
mod list;
mod show;

use actix_web::web;

/// The routes of the campaign pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/campaigns").route(web::get().to(list::list)).route(web::post().to(edit::create)))
        .service(web::resource("/campaigns/new").route(web::get().to(edit::new)))
        .service(web::resource("/campaigns/{id}").route(web::get().to(show::show)).route(web::post().to(edit::update)))
        .service(web::resource("/campaigns/{id}/edit").route(web::get().to(edit::edit)))
        .service(
            web::resource("/campaigns/{id}/deletion")
                .route(web::get().to(show::confirm))
                .route(web::post().to(show::delete)),
        );
}
