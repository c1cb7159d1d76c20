//! What a customer pays, and why, as pages (SPEC 9, 12).

pub mod asked;
mod below_cost;
mod conflicts;
mod contradicting;
mod no_discount;
mod price_check;
mod uses;

use actix_web::web;

/// The routes, inside of the guard.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/tools/price-check").route(web::get().to(price_check::show)))
        .service(web::resource("/tools/price-check.json").route(web::get().to(price_check::json)))
        .service(web::resource("/tools/no-discount").route(web::get().to(no_discount::show)))
        .service(web::resource("/tools/conflicts").route(web::get().to(conflicts::show)))
        .service(web::resource("/groups/{id}/pricing/uses").route(web::get().to(uses::of_group)))
        .service(web::resource("/price-lists/{id}/uses").route(web::get().to(uses::of_list)));
}
