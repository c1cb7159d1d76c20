//! The pages of price lists (SPEC 12).

mod edit;
mod entries;
mod list;
mod reach;
mod removal;
mod show;
mod transfer;
mod users;

use super::store::PriceList;
use crate::price_lists::store::parse_id;
use actix_web::web;

/// The most bytes of the form that prices are pasted into.
const TRANSFER_BYTES: usize = 2 * 1024 * 1024;

/// The routes of the price list pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/price-lists").route(web::get().to(list::list)).route(web::post().to(edit::create)))
        .service(web::resource("/price-lists/new").route(web::get().to(edit::new)))
        .service(web::resource("/price-lists/options").route(web::get().to(list::options)))
        .service(
            web::resource("/price-lists/{id}").route(web::get().to(show::show)).route(web::post().to(edit::update)),
        )
        .service(web::resource("/price-lists/{id}/edit").route(web::get().to(edit::edit)))
        .service(web::resource("/price-lists/{id}/groups").route(web::get().to(users::show)))
        .service(
            web::resource("/price-lists/{id}/deletion")
                .route(web::get().to(removal::confirm))
                .route(web::post().to(removal::delete)),
        )
        .service(web::resource("/price-lists/{id}/entries").route(web::post().to(entries::add)))
        .service(web::resource("/price-lists/{id}/entries/impact").route(web::post().to(reach::of_new)))
        .service(web::resource("/price-lists/{id}/entries.csv").route(web::get().to(transfer::export)))
        .service(
            web::resource("/price-lists/{id}/import")
                .app_data(web::FormConfig::default().limit(TRANSFER_BYTES))
                .route(web::get().to(transfer::open))
                .route(web::post().to(transfer::import)),
        )
        .service(
            web::resource("/price-lists/{id}/entries/{product}")
                .route(web::get().to(entries::edit))
                .route(web::post().to(entries::save)),
        )
        .service(web::resource("/price-lists/{id}/entries/{product}/impact").route(web::post().to(reach::of_product)))
        .service(
            web::resource("/price-lists/{id}/entries/{product}/removal")
                .route(web::get().to(entries::confirm))
                .route(web::post().to(entries::remove)),
        );
}

/// A tab of a price list's pages.
struct Tab {
    label: String,
    path: String,
    current: bool,
}

fn tabs(list: &PriceList, current: &str) -> Vec<Tab> {
    [("Prices", ""), ("Groups", "/groups")]
        .into_iter()
        .map(|(label, path)| Tab {
            label: label.into(),
            path: format!("/price-lists/{}{path}", list.id),
            current: label == current,
        })
        .collect()
}
