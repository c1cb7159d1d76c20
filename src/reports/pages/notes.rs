//! What a report says about where its figures come from, and what they leave out.

use super::{Asking, Ground, Reader, Subject};
use crate::db::replica::Origin;
use crate::groups::group::ROOT_ID;
use crate::inheritance::store::live::LiveSettings;
use crate::reports::store::Scope;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{counted, day_and_time, filters};
use crate::web::query::Query;
use crate::web::respond;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::PgConnection;

/// How many inactive subgroups are named.
const NAMES: usize = 5;

/// How a report says that its figures are not from the database itself, or should not be; nothing where there is
/// nothing to say.
pub fn told(origin: Origin, now: DateTime<Utc>, zone: Tz) -> Option<String> {
    match origin {
        Origin::Main | Origin::Replica => None,
        Origin::ReplicaDown => Some(
            "The database for reports doesn't answer. These figures come from the main database and are current."
                .into(),
        ),
        Origin::Behind(None) => Some("The database for reports is behind the main one; it doesn't say how far.".into()),
        Origin::Behind(Some(at)) => Some(format!(
            "The database for reports is {} behind the main one: the figures are as of {}.",
            apart((now - at).num_seconds()),
            day_and_time(at, zone)
        )),
    }
}

/// All that a group's report says besides its figures.
pub(super) fn all(origin: Origin, now: DateTime<Utc>, ground: &Ground, subject: &Subject) -> Vec<String> {
    let mut notes: Vec<String> = told(origin, now, ground.store.time_zone).into_iter().collect();
    if !subject.inactive.is_empty() {
        let names: Vec<&str> = subject.inactive.iter().take(NAMES).map(String::as_str).collect();
        let more = if subject.inactive.len() > NAMES { " and others" } else { "" };
        notes.push(format!("Members of inactive subgroups count, too: {}{more}.", names.join(", ")));
    }
    notes
}

fn apart(seconds: i64) -> String {
    match seconds {
        ..60 => counted(seconds.max(1), "second", "seconds"),
        60..3_600 => counted(seconds / 60, "minute", "minutes"),
        3_600..86_400 => counted(seconds / 3_600, "hour", "hours"),
        _ => counted(seconds / 86_400, "day", "days"),
    }
}

#[derive(Template)]
#[template(path = "reports/_other_currencies.html")]
struct OtherCurrencies {
    orders: i64,
    currency: &'static str,
    /// Of a group's members alone.
    members: bool,
}

/// `GET /reports/other-currencies`: how many orders count nowhere (SPEC 1), of everyone or of a group's members, with its
/// subgroups or without. It follows a page.
pub async fn other_currencies(request: HttpRequest, asking: Asking) -> Result<HttpResponse, PageError> {
    let query = Query::new("/reports/other-currencies", request.query_string());
    let reader = Reader::of(asking)?;
    let id = reader.chosen(&query).await?.unwrap_or(ROOT_ID);
    let (ground, subject) = reader.subject(id, &query).await?;
    let members = matches!(subject.scope, Scope::Groups(_));
    let count = move |conn: &mut PgConnection, _: &LiveSettings, _: Ground| match &subject.scope {
        Scope::Everyone => store_settings::orders_in_other_currencies(conn, None),
        Scope::Groups(groups) => store_settings::orders_in_other_currencies(conn, Some(groups)),
    };
    let orders = reader.main(count).await?;
    Ok(respond::page(&OtherCurrencies { orders, currency: ground.store.currency.code(), members })?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_replica_says_how_far_behind_it_is() {
        let now: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
        let behind = |seconds| told(Origin::Behind(Some(now - TimeDelta::seconds(seconds))), now, Tz::UTC).unwrap();
        assert!(behind(0).contains("is 1 second behind"));
        assert!(behind(125).contains("is 2 minutes behind") && behind(125).contains("November 22, 2026, 11:57"));
        assert!(behind(7_200).contains("is 2 hours behind"));
        assert!(behind(200_000).contains("is 2 days behind"));
        assert_eq!((told(Origin::Main, now, Tz::UTC), told(Origin::Replica, now, Tz::UTC)), (None, None));
        assert!(told(Origin::ReplicaDown, now, Tz::UTC).unwrap().contains("doesn't answer"));
    }
}
