//! The pages of a group's own settings (SPEC 6, 12): pricing, visibility with portal access, payment terms.

mod area;
mod section;
mod view;

use self::area::Area;
use actix_web::{Resource, web};

/// The routes of the settings pages: the form, its impact, and putting one setting back.
pub fn routes(cfg: &mut web::ServiceConfig) {
    let mut area = |area: Area, form: Resource, impact: Resource, reversion: Option<Resource>| {
        let area = web::Data::new(area);
        let form = form.route(web::get().to(section::show)).route(web::post().to(section::save));
        cfg.service(form.app_data(area.clone()))
            .service(impact.app_data(area.clone()).route(web::post().to(section::impact)));
        if let Some(reversion) = reversion {
            cfg.service(reversion.app_data(area).route(web::post().to(section::revert)));
        }
    };
    area(
        Area::Pricing,
        web::resource("/groups/{id}/pricing"),
        web::resource("/groups/{id}/pricing/impact"),
        Some(web::resource("/groups/{id}/pricing/reversion")),
    );
    area(
        Area::Visibility,
        web::resource("/groups/{id}/visibility"),
        web::resource("/groups/{id}/visibility/impact"),
        Some(web::resource("/groups/{id}/visibility/reversion")),
    );
    area(
        Area::PaymentTerms,
        web::resource("/groups/{id}/payment-terms"),
        web::resource("/groups/{id}/payment-terms/impact"),
        Some(web::resource("/groups/{id}/payment-terms/reversion")),
    );
    area(
        Area::Inheritance,
        web::resource("/groups/{id}/inheritance"),
        web::resource("/groups/{id}/inheritance/impact"),
        None,
    );
}
