//! The pages of products (SPEC 12).

mod edit;
mod list;
mod seen;
mod show;

use super::store::Product;
use crate::products::store::parse_id;
use actix_web::web;

/// The routes of the product pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/products").route(web::get().to(list::list)).route(web::post().to(edit::create)))
        .service(web::resource("/products/new").route(web::get().to(edit::new)))
        .service(web::resource("/products/options").route(web::get().to(list::options)))
        .service(web::resource("/products/{id}").route(web::get().to(show::show)).route(web::post().to(edit::update)))
        .service(web::resource("/products/{id}/edit").route(web::get().to(edit::edit)))
        .service(web::resource("/products/{id}/groups").route(web::get().to(seen::show)));
}

/// A tab of a product's pages.
struct Tab {
    label: &'static str,
    path: String,
    current: bool,
}

fn tabs(product: &Product, current: &str) -> Vec<Tab> {
    [("Overview", ""), ("Who sees it", "/groups")]
        .into_iter()
        .map(|(label, path)| Tab { label, path: format!("/products/{}{path}", product.id), current: label == current })
        .collect()
}
