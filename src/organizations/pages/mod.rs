//! The pages of organizations (SPEC 12).

mod edit;
mod list;
mod options;
mod show;

use crate::organizations::store::parse_id;
use actix_web::web;

/// The routes, inside of the guard.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/organizations").route(web::get().to(list::list)).route(web::post().to(edit::create)))
        .service(web::resource("/organizations/new").route(web::get().to(edit::new)))
        .service(web::resource("/organizations/options").route(web::get().to(options::options)))
        .service(
            web::resource("/organizations/{id}").route(web::get().to(show::show)).route(web::post().to(edit::update)),
        )
        .service(web::resource("/organizations/{id}/edit").route(web::get().to(edit::edit)));
}
