//! The pages of promotions (SPEC 12).

mod edit;
mod list;
mod removal;
mod show;

use actix_web::web;

/// The routes of the promotion pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/promotions").route(web::get().to(list::list)).route(web::post().to(edit::create)))
        .service(web::resource("/promotions/new").route(web::get().to(edit::new)))
        .service(web::resource("/promotions/options").route(web::get().to(list::options)))
        .service(web::resource("/promotions/{id}").route(web::get().to(show::show)).route(web::post().to(edit::update)))
        .service(web::resource("/promotions/{id}/edit").route(web::get().to(edit::edit)))
        .service(
            web::resource("/promotions/{id}/deletion")
                .route(web::get().to(removal::confirm))
                .route(web::post().to(removal::delete)),
        );
}
