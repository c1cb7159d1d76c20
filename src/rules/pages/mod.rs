//! The pages of rules: the builder with its runs, and the tester (SPEC 12).

mod builder;
mod entered;
mod finding;
mod runs;
mod tester;

use crate::groups::store::parse_id;
use actix_web::web;

/// The routes, inside of the guard.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/groups/{id}/rules").route(web::get().to(builder::show)).route(web::post().to(builder::change)),
    )
    .service(web::resource("/groups/{id}/rules/runs").route(web::post().to(runs::run_now)))
    .service(web::resource("/groups/{id}/rules/runs/{run}").route(web::get().to(runs::show)))
    .service(web::resource("/groups/{id}/rules/runs/{run}/approval").route(web::post().to(runs::approve)))
    .service(web::resource("/groups/{id}/rules/runs/{run}/discarding").route(web::post().to(runs::discard)))
    .service(web::resource("/tools/rule-test").route(web::get().to(tester::show)))
    .service(web::resource("/tools/rule-test/customers").route(web::get().to(tester::customers)))
    .service(web::resource("/tools/rule-test/options").route(web::get().to(tester::groups)));
}
