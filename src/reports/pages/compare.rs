//! Groups side by side: `/reports/compare`. The address keeps the choice.

use super::notes;
use super::{Asking, Ground, Reader, Subject};
use crate::error::{Error, FieldError, Result};
use crate::groups::store::Group;
use crate::money::Currency;
use crate::reports::chart::{Drawing, bars};
use crate::reports::comparison::{self, Row, check};
use crate::reports::forms::{Asked, Picker};
use crate::reports::report::Report;
use crate::reports::store::performance::reports;
use crate::reports::store::{Scope, at_one_moment};
use crate::web::errors::PageError;
use crate::web::htmx::Hx;
use crate::web::query::Query;
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use diesel::PgConnection;
use uuid::Uuid;

/// The most groups that an address is read for: what is beyond is too many in any case.
const MOST_READ: usize = 20;

#[derive(Template)]
#[template(path = "reports/compare.html", blocks = ["report"])]
struct ComparePage {
    shell: Shell,
    query: Query,
    picker: Picker,
    groups: Vec<Group>,
    currency: Currency,
    notes: Vec<String>,
    /// `None`: there is nothing to compare yet, or something is wrong.
    reports: Option<Vec<Report>>,
    rows: Vec<Row>,
}

impl ComparePage {
    /// The comparison without one of its groups.
    fn without(&self, group: &Group) -> String {
        self.query.without_value("group", &group.id.to_string()).url()
    }

    fn names(&self) -> Vec<String> {
        self.groups.iter().map(|group| group.name.clone()).collect()
    }

    /// The rows that have a chart of their own.
    fn drawn(&self) -> impl Iterator<Item = &Row> {
        let wanted = ["Revenue", "Avg Order Value", "Retention Rate", "Net Margin"];
        self.rows.iter().filter(move |row| wanted.contains(&row.label))
    }

    fn chart(&self, row: &Row) -> String {
        let points = row.points(&self.names(), self.currency);
        let id = format!("chart-{}", row.label.to_lowercase().replace(' ', "-"));
        let best: Vec<&str> =
            row.best.iter().filter_map(|n| points.get(*n)).map(|point| point.label.as_str()).collect();
        let description = if best.is_empty() { String::new() } else { format!("Best: {}.", best.join(", ")) };
        let title = format!("{} of each group", row.label);
        bars(Drawing { id: &id, title: &title, description: &description, points: &points }, &row.best)
    }
}

/// The groups that an address names: `group=ID` for each, or `groups=CODE,CODE`.
pub(super) fn asked_groups(query: &Query) -> (Vec<Uuid>, Vec<String>) {
    let mut ids: Vec<Uuid> = Vec::new();
    let mut unknown = Vec::new();
    for text in query.all("group").take(MOST_READ) {
        match Uuid::try_parse(text) {
            Ok(id) if ids.contains(&id) => {}
            Ok(id) => ids.push(id),
            Err(_) => unknown.push(text.to_owned()),
        }
    }
    (ids, unknown)
}

/// A comparison as far as the database itself knows it.
pub(super) struct Chosen {
    /// Currency, zone, today.
    pub ground: Ground,
    /// The live groups that were asked for.
    pub subjects: Vec<Subject>,
    /// What is wrong with the choice, and whether a group of it is gone.
    pub errors: Vec<FieldError>,
    /// Whether one of the groups doesn't exist or was deleted.
    pub gone: bool,
}

/// Reads the groups of an address.
pub(super) async fn chosen(reader: &Reader, query: &Query) -> Result<Chosen> {
    let (ids, unknown) = asked_groups(query);
    let subgroups = Asked::with_subgroups(query).unwrap_or(true);
    reader
        .main(move |conn, live, ground| {
            let mut subjects = Vec::new();
            let mut gone = !unknown.is_empty();
            for id in &ids {
                match Subject::load(conn, live, *id, subgroups) {
                    Ok(subject) => subjects.push(subject),
                    Err(Error::NotFound(_)) => gone = true,
                    Err(other) => return Err(other),
                }
            }
            let mut errors = Vec::new();
            if gone {
                let text = "A group of this comparison doesn't exist or was deleted. It is left out.";
                errors.push(FieldError::new("groups", text));
            }
            errors.extend(check(subjects.len()).err().unwrap_or_default());
            Ok(Chosen { ground, subjects, errors, gone })
        })
        .await
}

/// `GET /reports/compare`.
pub async fn show(asking: Asking, shell: Shell, hx: Hx, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let reader = Reader::of(asking)?;
    let query = Query::new("/reports/compare", request.query_string());
    if let Some(added) = reader.added(&query).await? {
        return Ok(hx.see_other(&added.url()));
    }
    let Chosen { ground, subjects, errors, gone } = chosen(&reader, &query).await?;
    let begun = subjects.len() >= 2 || gone;
    let asked = Asked::of(&query, ground.today);
    let mut picker = Picker::of(&query, &asked, true);
    // Who has chosen one group is on the way, and no error is told.
    if begun {
        picker.errors.extend(errors.iter().cloned());
    }
    let status = match (gone, picker.errors.is_empty()) {
        (true, _) => StatusCode::NOT_FOUND,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, true) => StatusCode::OK,
    };
    let (reports, notes) = match asked {
        Ok(asked) if check(subjects.len()).is_ok() => {
            let scopes: Vec<Scope> = subjects.iter().map(|subject| subject.scope.clone()).collect();
            let ask = move |conn: &mut PgConnection| at_one_moment(conn, |conn| reports(conn, asked.period, &scopes));
            let (found, origin) = reader.report(&ground, ask).await?;
            (Some(found), notes::told(origin, reader.now(), ground.store.time_zone).into_iter().collect())
        }
        _ => (None, Vec::new()),
    };
    let page = ComparePage {
        rows: reports.as_deref().map(comparison::rows).unwrap_or_default(),
        groups: subjects.into_iter().map(|subject| subject.group).collect(),
        currency: ground.store.currency,
        shell,
        query,
        picker,
        notes,
        reports,
    };
    Ok(if hx.wants("report") && status == StatusCode::OK {
        respond::page(&page.as_report())?
    } else {
        respond::html(status, &page)?
    })
}
