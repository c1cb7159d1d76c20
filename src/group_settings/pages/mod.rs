//! The pages of a group's own settings (SPEC 6, 12): pricing, visibility with portal access, payment terms; the products
//! that they name.

mod area;
mod beside;
mod choosing;
mod inherited;
mod review;
mod section;
mod seen;
mod shelves;
mod view;

use self::area::Area;
use self::seen::Behind;
use crate::group_settings::shelf::Shelf;
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
    let mut shelf = |shelf: Shelf, products: Resource, add: Resource, remove: Resource| {
        let shelf = web::Data::new(shelf);
        cfg.service(products.app_data(shelf.clone()).route(web::get().to(shelves::show)))
            .service(
                add.app_data(shelf.clone()).route(web::get().to(shelves::choose)).route(web::post().to(choosing::add)),
            )
            .service(remove.app_data(shelf).route(web::post().to(choosing::remove)));
    };
    shelf(
        Shelf::Included,
        web::resource("/groups/{id}/visibility/included"),
        web::resource("/groups/{id}/visibility/included/add"),
        web::resource("/groups/{id}/visibility/included/remove"),
    );
    shelf(
        Shelf::Excluded,
        web::resource("/groups/{id}/visibility/excluded"),
        web::resource("/groups/{id}/visibility/excluded/add"),
        web::resource("/groups/{id}/visibility/excluded/remove"),
    );
    shelf(
        Shelf::Discounted,
        web::resource("/groups/{id}/pricing/products"),
        web::resource("/groups/{id}/pricing/products/add"),
        web::resource("/groups/{id}/pricing/products/remove"),
    );
    for (behind, products) in [
        (Behind::Hidden, web::resource("/groups/{id}/visibility/hidden")),
        (Behind::Exclusive, web::resource("/groups/{id}/visibility/exclusive")),
    ] {
        cfg.service(products.app_data(web::Data::new(behind)).route(web::get().to(seen::show)));
    }
}
