//! `/hierarchy`, its branches, and `/groups/{id}/move`.

mod moving;
mod node;
mod tree;

use actix_web::web;

/// The routes of the hierarchy.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/hierarchy").route(web::get().to(tree::show)))
        .service(web::resource("/hierarchy/{id}").route(web::get().to(tree::branch)))
        .service(web::resource("/hierarchy/{id}/customers").route(web::get().to(tree::customers)))
        .service(
            web::resource("/groups/{id}/move").route(web::get().to(moving::show)).route(web::post().to(moving::save)),
        )
        .service(web::resource("/groups/{id}/move/impact").route(web::post().to(moving::impact)));
}
