//! Who gets in, and what each may do (SPEC 2).

mod forgery;
mod headers;
mod own_password;
mod roles;
mod routes;
mod sessions;
mod sign_in;
mod throttle;

use crate::support::TestDb;
use clientele::auth::role::Actor;
use clientele::groups::actions;
use clientele::groups::group::Details;
use clientele::groups::store::Group;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::Map;

/// A group of this name.
pub fn group(db: &TestDb, name: &str) -> Group {
    let now = "2026-03-01T09:00:00Z".parse().unwrap();
    actions::create(&mut db.conn(), &Actor::command_line(), Details::named(name), &Map::new(), "console", now).unwrap()
}

/// Everything that people can change, as one text: equal before and after where nothing was changed.
pub fn state(db: &TestDb) -> String {
    let tables =
        ["groups", "memberships", "customers", "organizations", "users", "tokens", "store_settings", "audit_events"];
    tables
        .map(|table| {
            let rows = format!("(SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM {table} t)");
            diesel::select(diesel::dsl::sql::<Text>(&rows)).get_result::<String>(&mut db.conn()).unwrap()
        })
        .join("\n")
}
