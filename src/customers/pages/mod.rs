//! The pages of customers (SPEC 12).

mod edit;
mod export;
mod follows;
mod gets;
mod history;
mod list;
mod orders;
mod show;

use super::store::Customer;
use crate::customers::store::parse_id;
use actix_web::web;

/// The routes, inside of the guard.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/customers").route(web::get().to(list::list)).route(web::post().to(edit::create)))
        .service(web::resource("/customers.csv").route(web::get().to(export::export)))
        .service(web::resource("/customers/new").route(web::get().to(edit::new)))
        .service(web::resource("/customers/{id}").route(web::get().to(show::show)).route(web::post().to(edit::update)))
        .service(web::resource("/customers/{id}/edit").route(web::get().to(edit::edit)))
        .service(web::resource("/customers/{id}/gets").route(web::get().to(gets::show)))
        .service(web::resource("/customers/{id}/products").route(web::get().to(gets::products)))
        .service(web::resource("/orders/{id}").route(web::get().to(orders::find)))
        .service(web::resource("/customers/{id}/orders").route(web::get().to(orders::list)))
        .service(web::resource("/customers/{id}/orders/{order}").route(web::get().to(orders::show)))
        .service(web::resource("/customers/{id}/history").route(web::get().to(history::show)));
}

/// A tab of a customer's pages.
struct Tab {
    label: &'static str,
    path: String,
    current: bool,
}

/// The tabs of a customer, with the one that is shown.
fn tabs(customer: &Customer, current: &str) -> Vec<Tab> {
    [
        ("Overview", ""),
        ("What it gets", "/gets"),
        ("Products", "/products"),
        ("Orders", "/orders"),
        ("History", "/history"),
    ]
    .into_iter()
    .map(|(label, path)| Tab { label, path: format!("/customers/{}{path}", customer.id), current: label == current })
    .collect()
}
