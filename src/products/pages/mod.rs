//! The pages of products (SPEC 12).

mod edit;
mod list;
mod seen;
mod show;

use super::store::{self, Product};
use crate::error::Result;
use actix_web::web;
use uuid::Uuid;

/// The routes of the product pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/products").route(web::get().to(list::list)).route(web::post().to(edit::create)))
        .service(web::resource("/products/new").route(web::get().to(edit::new)))
        .service(web::resource("/products/options").route(web::get().to(list::options)))
        .service(web::resource("/products/{id}").route(web::get().to(show::show)).route(web::post().to(edit::update)))
        .service(web::resource("/products/{id}/edit").route(web::get().to(edit::edit)))
        .service(web::resource("/products/{id}/groups").route(web::get().to(seen::show)));
}

/// An id in an address; one that is none names nothing.
fn parse_id(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| store::gone())
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
