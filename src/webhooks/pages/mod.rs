//! The pages of webhooks, for administrators.

mod delivery;
mod edit;
mod list;
mod removal;
mod secret;
mod show;
mod steps;

use actix_web::web;

/// The routes, inside of the guard.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/settings/webhooks").route(web::get().to(list::list)).route(web::post().to(edit::create)),
    )
    .service(web::resource("/settings/webhooks/new").route(web::get().to(edit::new)))
    .service(
        web::resource("/settings/webhooks/{id}").route(web::get().to(show::show)).route(web::post().to(edit::update)),
    )
    .service(web::resource("/settings/webhooks/{id}/edit").route(web::get().to(edit::edit)))
    .service(
        web::resource("/settings/webhooks/{id}/secret")
            .route(web::get().to(secret::confirm))
            .route(web::post().to(secret::replace)),
    )
    .service(web::resource("/settings/webhooks/{id}/test").route(web::post().to(steps::test)))
    .service(web::resource("/settings/webhooks/{id}/pause").route(web::post().to(steps::pause)))
    .service(web::resource("/settings/webhooks/{id}/resumption").route(web::post().to(steps::resume)))
    .service(web::resource("/settings/webhooks/{id}/replay").route(web::post().to(steps::replay_dead)))
    .service(
        web::resource("/settings/webhooks/{id}/deletion")
            .route(web::get().to(removal::confirm))
            .route(web::post().to(removal::delete)),
    )
    .service(web::resource("/settings/webhooks/{id}/deliveries/{delivery}").route(web::get().to(delivery::show)))
    .service(
        web::resource("/settings/webhooks/{id}/deliveries/{delivery}/replay").route(web::post().to(steps::replay)),
    );
}
