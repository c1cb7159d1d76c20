//! The real application on a database and a clock of its own, and who talks to it: browsers and API clients.

use super::TestDb;
use super::client::{Api, Browser};
use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::{DateTime, TimeZone, Utc};
use clientele::app::{self, Settings};
use clientele::auth::actions::create_token;
use clientele::auth::role::{Actor, Role};
use clientele::auth::{store, user::NewUser};
use clientele::cache::Redis;
use clientele::clock::Clock;
use clientele::config::{Https, SessionKey};
use clientele::db::Db;
use clientele::webhooks::address::Networks;
use std::num::NonZeroU32;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;
use uuid::Uuid;

/// The password of everyone that [`TestApp`] makes.
pub const PASSWORD: &str = "four words of a test";

/// The application, answering until this value goes.
pub struct TestApp {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    /// What it runs on.
    pub db: TestDb,
    /// What time it believes it is; stands still unless it is moved with [`Clock::advance`].
    pub clock: Clock,
    server: ServerHandle,
    thread: Option<JoinHandle<()>>,
    people: AtomicU32,
}

/// Someone who may sign in.
#[derive(Clone, Debug)]
pub struct TestUser {
    pub id: Uuid,
    pub email: String,
    pub name: String,
    pub role: Role,
}

impl TestApp {
    /// On a migrated, empty database, on a Tuesday at noon UTC.
    pub fn new() -> Self {
        Self::on(TestDb::new(), Utc.with_ymd_and_hms(2026, 3, 10, 12, 0, 0).unwrap())
    }

    /// On a copy of the demo shop, at the moment that it was made for.
    pub fn demo() -> Self {
        Self::on(TestDb::like(&crate::demo::DEMO), crate::demo::moment(crate::demo::NOW))
    }

    /// On this database, at this time.
    pub fn on(db: TestDb, now: DateTime<Utc>) -> Self {
        let pool = Db::connect(&db.url(), 4, Duration::from_secs(10)).unwrap();
        Self::with_pool(db, pool, now)
    }

    /// With a limit of calls a minute and token.
    pub fn limited(db: TestDb, now: DateTime<Utc>, calls: NonZeroU32) -> Self {
        let pool = Db::connect(&db.url(), 4, Duration::from_secs(10)).unwrap();
        Self::with_settings(db, pool, now, (Some(calls), None))
    }

    /// With a pool of the test's own.
    pub fn with_pool(db: TestDb, pool: Db, now: DateTime<Utc>) -> Self {
        Self::with_settings(db, pool, now, (None, None))
    }

    /// On this database with this Redis, and with a limit of calls a minute and token.
    pub fn sharing(db: TestDb, redis: Redis, calls: Option<NonZeroU32>) -> Self {
        let pool = Db::connect(&db.url(), 4, Duration::from_secs(10)).unwrap();
        Self::with_settings(db, pool, Utc.with_ymd_and_hms(2026, 3, 10, 12, 0, 0).unwrap(), (calls, Some(redis)))
    }

    fn with_settings(
        db: TestDb,
        pool: Db,
        now: DateTime<Utc>,
        (api_rate_limit, redis): (Option<NonZeroU32>, Option<Redis>),
    ) -> Self {
        let clock = Clock::fixed(now);
        let listener = app::listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings {
            workers: 1,
            https: Https::Auto,
            session_key: SessionKey::from_text(&"a key for tests ".repeat(4)).unwrap(),
            api_rate_limit,
            redis,
            metrics_token: None,
            // Receivers of the tests listen on this machine.
            webhook_networks: Networks::All,
        };
        let (tell, told) = mpsc::channel();
        let time = clock.clone();
        let thread = std::thread::spawn(move || {
            System::new().block_on(async move {
                let server = app::spawn(listener, pool, time, &settings).unwrap();
                tell.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let server = told.recv().expect("the application starts");
        Self { url, db, clock, server, thread: Some(thread), people: AtomicU32::new(0) }
    }

    /// Makes someone of this role: `Editor 1`, `editor-1@shop.test`, with [`PASSWORD`].
    pub fn user(&self, role: Role) -> TestUser {
        let number = self.people.fetch_add(1, Ordering::Relaxed) + 1;
        let new =
            NewUser { email: format!("{role}-{number}@shop.test"), name: format!("{} {number}", role.label()), role };
        let id = store::insert_user(&mut self.db.conn(), &new, cheap_hash(), self.clock.now()).unwrap();
        TestUser { id, email: new.email, name: new.name, role }
    }

    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// A new person of this role, signed in by the form.
    pub fn sign_in(&self, role: Role) -> Browser {
        self.sign_in_as(&self.user(role))
    }

    /// A person who exists, signed in by the form in a browser of their own.
    pub fn sign_in_as(&self, user: &TestUser) -> Browser {
        let mut browser = self.browser();
        let page = browser.sign_in(&user.email, PASSWORD);
        assert_eq!(page.status, 303, "{} can't sign in: {}", user.email, page.body);
        browser.user = Some(user.clone());
        browser
    }

    /// An API client with a new token of this role.
    pub fn api(&self, role: Role) -> Api {
        let name = format!("A {role}'s token");
        let (id, secret) =
            create_token(&mut self.db.conn(), &Actor::command_line(), &name, role, self.clock.now()).unwrap();
        Api::new(&self.url, id, secret.reveal())
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let stop = tokio::runtime::Builder::new_current_thread().build();
        if let Ok(runtime) = stop {
            // Whoever is still connected has had its answers.
            runtime.block_on(self.server.stop(false));
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A hash of [`PASSWORD`] of the least cost: a hash names its own cost, so that checking it is cheap, too.
fn cheap_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| {
        let least = Params::new(Params::MIN_M_COST, 1, 1, None).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, least);
        argon2.hash_password(PASSWORD.as_bytes()).unwrap().to_string()
    })
}
