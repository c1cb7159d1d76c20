//! The pages of reports (SPEC 10, 12).

mod compare;
mod export;
mod notes;
mod performance;
mod portfolio;
mod review;

use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::db::replica::{self, Origin};
use crate::error::{Error, Result};
use crate::groups::group::ROOT_ID;
use crate::groups::store::naming::{by_code, by_name_or_code};
use crate::groups::store::{self as groups, Group};
use crate::inheritance::effective::effective;
use crate::inheritance::store::live::LiveSettings;
use crate::reports::forms::Asked;
use crate::reports::store::Scope;
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::query::Query;
use actix_web::web;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::PgConnection;
use uuid::Uuid;

/// The routes of the report pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/groups/{id}/report").route(web::get().to(performance::of_group)))
        .service(web::resource("/reports").route(web::get().to(performance::of_all)))
        .service(web::resource("/groups/{id}/report.csv").route(web::get().to(export::of_group)))
        .service(web::resource("/groups/{id}/report.xlsx").route(web::get().to(export::of_group)))
        .service(web::resource("/groups/{id}/report/at-risk.csv").route(web::get().to(export::at_risk_of_group)))
        .service(web::resource("/reports/at-risk.csv").route(web::get().to(export::at_risk_of_all)))
        .service(
            web::resource("/groups/{id}/review").route(web::get().to(review::show)).route(web::post().to(review::mark)),
        )
        .service(web::resource("/reports.csv").route(web::get().to(export::of_all)))
        .service(web::resource("/reports.xlsx").route(web::get().to(export::of_all)))
        .service(web::resource("/reports/portfolio").route(web::get().to(portfolio::show)))
        .service(web::resource("/reports/portfolio.csv").route(web::get().to(portfolio::export)))
        .service(web::resource("/reports/portfolio.xlsx").route(web::get().to(portfolio::export)))
        .service(web::resource("/reports/compare.csv").route(web::get().to(export::comparison)))
        .service(web::resource("/reports/compare.xlsx").route(web::get().to(export::comparison)))
        .service(web::resource("/reports/compare").route(web::get().to(compare::show)))
        .service(web::resource("/reports/other-currencies").route(web::get().to(notes::other_currencies)));
}

/// What every handler asks with.
pub(super) type Asking = (web::Data<Db>, web::Data<Clock>, web::Data<LiveSettings>, Actor);

/// Reads reports for somebody who may: what the database itself knows first, then the figures, perhaps on a replica.
pub(super) struct Reader {
    db: Db,
    live: LiveSettings,
    now: DateTime<Utc>,
}

impl Reader {
    /// Refuses who may not read.
    pub fn of((db, clock, live, actor): Asking) -> Result<Self> {
        actor.require(Permission::Read)?;
        Ok(Self { db: Db::clone(&db), live: LiveSettings::clone(&live), now: clock.now() })
    }

    /// The database itself, for what is read row by row.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// When it is read.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Reads what is no figure, in the database itself.
    pub async fn main<T, F>(&self, ask: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection, &LiveSettings, Ground) -> Result<T> + Send + 'static,
    {
        let (live, now, has_replica) = (self.live.clone(), self.now, self.db.has_replica());
        self.db
            .read(move |conn| {
                let ground = Ground::load(conn, now, has_replica)?;
                ask(conn, &live, ground)
            })
            .await
    }

    /// A group as an address asks for it.
    pub async fn subject(&self, id: Uuid, query: &Query) -> Result<(Ground, Subject)> {
        let subgroups = Asked::with_subgroups(query).unwrap_or(true);
        self.main(move |conn, live, ground| Ok((ground, Subject::load(conn, live, id, subgroups)?))).await
    }

    /// The group that a page's field names: picked, or typed as its name or code.
    ///
    /// # Errors
    /// Something typed that is no group.
    pub async fn chosen(&self, query: &Query) -> Result<Option<Uuid>> {
        let text = query.get("group_text").trim().to_owned();
        match (query.get("group"), text.is_empty()) {
            ("", true) => Ok(None),
            ("", false) => {
                let found = self.db.read(move |conn| named(conn, &text)).await?;
                found.map(Some).ok_or_else(|| Error::NotFound("There is no group of this name or code.".into()))
            }
            (id, _) => groups::parse_id(id).map(Some),
        }
    }

    /// The comparison with the group that its field adds, where it adds one.
    ///
    /// # Errors
    /// As [`Reader::chosen`].
    pub async fn added(&self, query: &Query) -> Result<Option<Query>> {
        let field = query.with("group", query.get("add")).with("group_text", query.get("add_text"));
        let Some(id) = self.chosen(&field).await? else { return Ok(None) };
        let rest = query.without("add").without("add_text").without_value("group", &id.to_string());
        Ok(Some(rest.and("group", id)))
    }

    /// Reads figures.
    pub async fn report<T, F>(&self, ground: &Ground, ask: F) -> Result<(T, Origin)>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    {
        self.db.report(ground.written.clone(), ask).await
    }
}

/// The live group of this name or code, whatever their case: codes have capitals alone.
pub(super) fn named(conn: &mut PgConnection, text: &str) -> Result<Option<Uuid>> {
    let text = text.replace('\0', "");
    Ok(match by_name_or_code(conn, &text)? {
        Some(found) => Some(found),
        None => by_code(conn, &text.to_uppercase())?,
    })
}

/// What the database itself knows before a report is read, perhaps on a replica.
pub(super) struct Ground {
    /// Currency and zone.
    pub store: StoreSettings,
    /// The store's day.
    pub today: NaiveDate,
    /// Where the log is, for a replica.
    pub written: Option<String>,
}

impl Ground {
    /// Reads it.
    pub fn load(conn: &mut PgConnection, now: DateTime<Utc>, has_replica: bool) -> Result<Self> {
        let store = store_settings::load(conn)?;
        let written = if has_replica { replica::written(conn)? } else { None };
        Ok(Self { today: store_day(now, store.time_zone), store, written })
    }
}

/// A live group, and whose figures are its own.
pub(super) struct Subject {
    /// The group.
    pub group: Group,
    /// Its members: with those of its subgroups, or without.
    pub scope: Scope,
    /// How many groups stand below it.
    pub subgroups: usize,
    /// The credit limit that it gives each member, minor units.
    pub credit_limit: Option<i64>,
    /// The names of those below it that are inactive: their members stay members (SPEC 3), and count here.
    pub inactive: Vec<String>,
}

impl Subject {
    /// A live group with its subgroups, or alone.
    pub fn load(conn: &mut PgConnection, live: &LiveSettings, id: Uuid, subgroups: bool) -> Result<Self> {
        let group = groups::live(conn, id)?;
        let book = live.now(conn)?;
        let below = book.subtree(id);
        let counted: &[Uuid] = if subgroups && id != ROOT_ID { &below[1..] } else { &[] };
        let inactive = counted.iter().filter_map(|id| book.level(*id)).filter(|level| !level.counts);
        let inactive = inactive.map(|level| level.name.clone()).collect();
        let scope = match (id == ROOT_ID, subgroups) {
            (true, _) => Scope::Everyone,
            (false, true) => Scope::Groups(below.clone()),
            (false, false) => Scope::Groups(vec![id]),
        };
        let credit_limit = effective(book.levels(), id).and_then(|effective| effective.credit_limit.value);
        Ok(Self { group, scope, subgroups: below.len() - 1, credit_limit, inactive })
    }
}
