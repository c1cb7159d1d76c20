//! The pages of a group's own settings (SPEC 6, 12): pricing, visibility with portal access, payment terms.

mod area;
mod section;
mod view;

use actix_web::web;

/// The routes of the settings pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    for area in area::Area::ALL {
        cfg.service(
            web::resource(format!("/groups/{{id}}/{}", area.path()))
                .app_data(web::Data::new(area))
                .route(web::get().to(section::show))
                .route(web::post().to(section::save)),
        )
        .service(
            web::resource(format!("/groups/{{id}}/{}/impact", area.path()))
                .app_data(web::Data::new(area))
                .route(web::post().to(section::impact)),
        )
        .service(
            web::resource(format!("/groups/{{id}}/{}/reversion", area.path()))
                .app_data(web::Data::new(area))
                .route(web::post().to(section::revert)),
        );
    }
}
