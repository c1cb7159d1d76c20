//! The web application: its routes, and the server that runs them.

mod background;
mod described;

use crate::api::call::asked;
use crate::api::limit::{Limit, limited};
use crate::api::problem::{no_such_call, problems};
use crate::api::validators::tagged;
use crate::api_docs::reading::Document;
use crate::auth::password::AT_ONCE;
use crate::auth::session::{self, PgSessions};
use crate::cache::Redis;
use crate::clock::Clock;
use crate::config::{Https, Secret, SessionKey};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::group_cache::kept::GroupCache;
use crate::groups::api::GroupsAsked;
use crate::inheritance::store::live::LiveSettings;
use crate::orders::api::Gate;
use crate::pricing::api::prices::PricesAsked;
use crate::pricing::store::asking::all_asked;
use crate::pricing::usage::Uses;
use crate::web::compress::compressed;
use crate::web::errors::{PageError, error_pages};
use crate::web::security::security_headers;
use crate::web::{assets, operations, requests, theme};
use crate::webhooks::address::Networks;
use crate::{
    api_docs, audit, auth, campaigns, customers, group_settings, groups, hierarchy, imports, members, order_check,
    orders, organizations, price_lists, pricing, products, promotions, reports, rules, segments, store_settings,
    visibility_groups, webhooks,
};
use actix_session::SessionMiddleware;
use actix_session::config::BrowserSession;
use actix_web::cookie::{Key, SameSite};
use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::rt::{self, System, signal};
use actix_web::{App, HttpResponse, HttpServer, web};
use sha2::{Digest, Sha512};
use std::cell::Cell;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroU32;
use std::rc::Rc;
use std::time::Duration;

/// How long requests under way may take when the program is stopped, in seconds.
const SHUTDOWN_SECONDS: u64 = 10;
/// The least number of threads that wait for the database, for each worker.
const LEAST_BLOCKING_THREADS: u32 = 8;
/// How often the embedded server is looked after.
const WATCH: Duration = Duration::from_secs(1);

/// The most bytes of a form.
const FORM_BYTES: usize = 256 * 1024;
/// The most bytes of any body; single calls take less.
const BODY_BYTES: usize = 2 * 1024 * 1024;

/// What the application is run with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Threads that answer requests.
    pub workers: u32,
    /// When cookies are marked `Secure`.
    pub https: Https,
    /// Signs session cookies.
    pub session_key: SessionKey,
    /// Calls of the API a minute and token; no limit where there is none.
    pub api_rate_limit: Option<NonZeroU32>,
    /// What the nodes share besides the database, where there is one.
    pub redis: Option<Redis>,
    /// Which networks webhooks may lead into.
    pub webhook_networks: Networks,
    /// Who brings it along may read the counts; without it, the machine itself alone.
    pub metrics_token: Option<Secret>,
}

/// Takes the address to listen on; requests wait there until the application runs.
///
/// # Errors
/// An address that is taken, not ours, or not allowed: a sentence that names `BIND`.
pub fn listen(bind: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(bind).map_err(|fault| {
        let cause = match fault.kind() {
            std::io::ErrorKind::AddrInUse => "another program listens there".to_owned(),
            _ => fault.to_string(),
        };
        Error::Conflict(format!(
            "The address {bind} can't be used: {cause}. Set BIND to another, such as 127.0.0.1:8081."
        ))
    })
}

/// Starts the application within the current actix system. It runs when the server is awaited, until its handle
/// stops it; signals are the caller's.
///
/// # Errors
/// A listener that can't be used.
pub fn spawn(listener: TcpListener, db: Db, clock: Clock, settings: &Settings) -> Result<Server> {
    let db = web::Data::new(db);
    let clock = web::Data::new(clock);
    let (https, key) = (settings.https, cookie_key(&settings.session_key));
    let live = web::Data::new(LiveSettings::default());
    let uses = web::Data::new(Uses::default());
    let gate = web::Data::new(Gate::default());
    let settings_asked = LiveSettings::clone(&live);
    let prices: PricesAsked = asked(Clock::clone(&clock), move |conn, asked| all_asked(conn, &settings_asked, asked));
    let groups: GroupsAsked = asked(Clock::clone(&clock), groups::store::with_tokens);
    let (prices_asked, groups_asked) = (web::Data::new(prices), web::Data::new(groups));
    let described = described::document()?;
    let shape = described.to_string();
    let cache = GroupCache::new(settings.redis.clone(), settings.session_key.bytes(), shape.as_bytes())?;
    let cache = web::Data::new(cache);
    if cache.is_used() {
        rt::spawn(background::sweep_cache(Db::clone(&db), GroupCache::clone(&cache), LiveSettings::clone(&live)));
    }
    let document = web::Data::new(Document::of(&described));
    let networks = web::Data::new(settings.webhook_networks);
    let counts = web::Data::new(operations::MetricsToken(settings.metrics_token.clone()));
    rt::spawn(background::write_uses(Db::clone(&db), Uses::clone(&uses)));
    let sessions = PgSessions::new(Db::clone(&db), Clock::clone(&clock));
    // As many as there are connections, shared among the workers (docs/benchmarks.md).
    let blocking_threads = db.size().div_ceil(settings.workers).max(LEAST_BLOCKING_THREADS) as usize + AT_ONCE;
    let per_minute = |calls| Limit::per_minute(calls, Clock::clone(&clock), settings.redis.clone());
    let limit = settings.api_rate_limit.map(|calls| web::Data::new(per_minute(calls)));
    let server = HttpServer::new(move || {
        let limit = limit.clone();
        App::new()
            .configure(|cfg| {
                if let Some(limit) = limit {
                    cfg.app_data(limit);
                }
            })
            .app_data(db.clone())
            .app_data(clock.clone())
            .app_data(live.clone())
            .app_data(cache.clone())
            .app_data(uses.clone())
            .app_data(groups_asked.clone())
            .app_data(prices_asked.clone())
            .app_data(gate.clone())
            .app_data(document.clone())
            .app_data(counts.clone())
            .app_data(networks.clone())
            .app_data(web::FormConfig::default().limit(FORM_BYTES))
            .app_data(web::PayloadConfig::default().limit(BODY_BYTES))
            .configure(operations::routes)
            .route("/openapi.json", web::get().to(api_docs::pages::json))
            .configure(assets::routes)
            .configure(api)
            .service(
                web::scope("")
                    .configure(auth::pages::routes)
                    .configure(theme::routes)
                    .service(web::scope("").wrap(from_fn(auth::guard::console)).configure(console))
                    .wrap(session_middleware(sessions.clone(), key.clone(), https)),
            )
            .wrap(from_fn(error_pages))
            .wrap(from_fn(compressed))
            .wrap(from_fn(move |request, next| requests::numbered(https, request, next)))
            .wrap(from_fn(security_headers))
    })
    .workers(settings.workers as usize)
    .worker_max_blocking_threads(blocking_threads)
    // An answer in two parts would wait 40 ms between them, for the first to be acknowledged.
    .tcp_nodelay(true)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .disable_signals()
    .listen(listener)
    .map_err(Error::internal)?;
    Ok(server.run())
}

/// Runs the application, prints its address to standard output, and returns when it was stopped by SIGINT, SIGTERM or
/// SIGHUP (requests under way are answered first; a second signal doesn't wait for them).
///
/// `runs` tells whether what the application stands on is still there.
///
/// # Errors
/// The application can't be started, or `runs` said no.
pub fn run(
    listener: TcpListener,
    db: Db,
    clock: Clock,
    settings: &Settings,
    mut runs: impl FnMut() -> bool + 'static,
) -> Result<()> {
    let address = listener.local_addr().map_err(Error::internal)?;
    System::new().block_on(async move {
        let server = spawn(listener, db, clock, settings)?;
        stop_on_signals(&server.handle())?;
        let handle = server.handle();
        let lost = Rc::new(Cell::new(false));
        let seen = Rc::clone(&lost);
        rt::spawn(async move {
            let mut pause = rt::time::interval(WATCH);
            while runs() {
                pause.tick().await;
            }
            seen.set(true);
            handle.stop(false).await;
        });
        announce(address)?;
        server.await.map_err(Error::internal)?;
        if lost.get() {
            return Err(Error::Internal("The embedded PostgreSQL has ended; see its log in the data folder.".into()));
        }
        Ok(())
    })
}

fn stop_on_signals(server: &ServerHandle) -> Result<()> {
    use signal::unix::{SignalKind, signal};
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        let mut signals = signal(kind).map_err(Error::internal)?;
        let server = server.clone();
        rt::spawn(async move {
            let mut graceful = true;
            while signals.recv().await.is_some() {
                operations::stop();
                rt::spawn(server.stop(graceful));
                graceful = false;
            }
        });
    }
    Ok(())
}

/// The address as a browser takes it: a server that listens everywhere is reached here, too.
fn announce(address: SocketAddr) -> Result<()> {
    let mut reached = address;
    if address.ip().is_unspecified() {
        reached.set_ip(if address.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    writeln!(std::io::stdout(), "Clientele runs at http://{reached}").map_err(Error::internal)
}

/// The JSON API (SPEC 13). Tokens, no sessions.
fn api(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::scope("/admin")
            .configure(groups::api::routes)
            .configure(rules::api::routes)
            .configure(customers::api::routes)
            .configure(organizations::api::routes)
            .configure(pricing::api::routes)
            .configure(price_lists::api::routes)
            .configure(products::api::routes)
            .configure(visibility_groups::api::routes)
            .configure(promotions::api::routes)
            .configure(segments::api::routes)
            .configure(campaigns::api::routes)
            .configure(orders::api::routes)
            .configure(group_settings::api::routes)
            .configure(reports::api::routes)
            .configure(imports::api::routes)
            .configure(webhooks::api::routes)
            .default_service(web::to(no_such_call))
            .wrap(from_fn(problems))
            .wrap(from_fn(tagged))
            .wrap(from_fn(limited)),
    )
    .service(
        web::scope("/store")
            .configure(pricing::api::prices::routes)
            .configure(pricing::api::customers::routes)
            .configure(order_check::api::routes)
            .default_service(web::to(no_such_call))
            .wrap(from_fn(problems))
            .wrap(from_fn(tagged))
            .wrap(from_fn(limited)),
    );
}

/// The pages for people who are signed in; the guard stands before all of them.
fn console(cfg: &mut web::ServiceConfig) {
    cfg.route("/", web::get().to(async || HttpResponse::SeeOther().insert_header(("Location", "/groups")).finish()))
        .configure(groups::pages::routes)
        .configure(rules::pages::routes)
        .configure(members::pages::routes)
        .configure(customers::pages::routes)
        .configure(organizations::pages::routes)
        .configure(products::pages::routes)
        .configure(price_lists::pages::routes)
        .configure(pricing::pages::routes)
        .configure(visibility_groups::pages::routes)
        .configure(promotions::pages::routes)
        .configure(segments::pages::routes)
        .configure(campaigns::pages::routes)
        .configure(order_check::pages::routes)
        .configure(group_settings::pages::routes)
        .configure(hierarchy::pages::routes)
        .configure(reports::pages::routes)
        .configure(imports::pages::routes)
        .configure(audit::pages::routes)
        .configure(auth::account_pages::routes)
        .configure(auth::user_pages::routes)
        .configure(auth::user_password_pages::routes)
        .configure(auth::token_pages::routes)
        .configure(store_settings::pages::routes)
        .configure(webhooks::pages::routes)
        .configure(api_docs::pages::routes)
        .default_service(web::to(async || {
            Err::<HttpResponse, _>(PageError(Error::NotFound("There is no such page.".into())))
        }));
}

/// The whole text of the key counts, however long it is.
fn cookie_key(key: &SessionKey) -> Key {
    Key::from(&Sha512::digest(key.bytes()))
}

fn session_middleware(store: PgSessions, key: Key, https: Https) -> SessionMiddleware<PgSessions> {
    SessionMiddleware::builder(store, key)
        .cookie_name(session::COOKIE.into())
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_secure(https == Https::On)
        .session_lifecycle(BrowserSession::default().state_ttl(session::IDLE))
        .build()
}
