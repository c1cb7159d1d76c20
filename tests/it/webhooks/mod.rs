//! Webhooks: events are written with their changes, arrive signed, are tried again, given up and replayed.

mod delivery;
mod members;
mod outbox;
mod pages;
mod receiver;

use self::receiver::Receiver;
use crate::support::{TestDb, rows};
use chrono::{DateTime, Utc};
use clientele::auth::role::{Actor, Role};
use clientele::clock::Clock;
use clientele::db::Db;
use clientele::webhooks::actions;
use clientele::webhooks::address::Networks;
use clientele::webhooks::endpoint::Typed;
use clientele::webhooks::sending::Sender;
use clientele::webhooks::worker::step;
use diesel::Connection;
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

/// A Tuesday at noon.
fn noon() -> DateTime<Utc> {
    "2026-03-10T12:00:00Z".parse().unwrap()
}

fn admin() -> Actor {
    Actor { name: "Ann Lee".into(), role: Role::Admin, ..Actor::command_line() }
}

/// A webhook for these events; its id and its secret as it was shown.
fn webhook(db: &TestDb, url: &str, events: &[&str]) -> (Uuid, String) {
    let events = events.iter().map(|name| (*name).to_owned()).collect();
    let typed = Typed { url: url.into(), description: String::new(), events, active: true };
    let made = db.conn().transaction(|conn| actions::create(conn, &admin(), &typed, Networks::All, noon()));
    let (endpoint, secret) = made.unwrap();
    (endpoint.id, secret.reveal())
}

/// A node that delivers, at a time that stands still.
struct Node {
    db: Db,
    clock: Clock,
    sender: Sender,
}

impl Node {
    fn on(db: &TestDb) -> Self {
        Self { db: db.db(), clock: Clock::fixed(noon()), sender: Sender::new(Networks::All, Duration::from_secs(10)) }
    }

    /// Delivers one; whether there was one.
    fn step(&self) -> bool {
        step(&self.db, &self.clock, &self.sender).unwrap()
    }

    /// Delivers all that is due now; how many attempts that took.
    fn deliver(&self) -> usize {
        (0..1000).take_while(|_| self.step()).count()
    }
}

/// The events that are written, as `kind` and data, in the order of their transactions; within one, by kind and group.
fn events(db: &TestDb) -> Vec<(String, Value)> {
    let found = rows::all(
        db,
        "SELECT kind, data FROM outbox_events ORDER BY xmin::text::bigint, kind DESC, data #>> '{group,code}'",
    );
    found.into_iter().map(|row| (row["kind"].as_str().unwrap().to_owned(), row["data"].clone())).collect()
}

/// The deliveries as `state attempts status`, in order.
fn deliveries(db: &TestDb) -> Vec<String> {
    rows::texts(
        db,
        "SELECT concat_ws(' ', state, attempts, last_status) FROM webhook_deliveries ORDER BY created_at, id",
    )
}

/// A receiver that takes whatever comes, and a webhook that sends it these events.
fn listening(db: &TestDb, events: &[&str]) -> (Receiver, Uuid, String) {
    let receiver = Receiver::new();
    let (id, secret) = webhook(db, &receiver.url(), events);
    (receiver, id, secret)
}
