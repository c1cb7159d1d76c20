//! Groups side by side: `/reports/compare`. The address keeps the choice.

use super::notes;
use super::{Asking, Ground, Reader, Subject, named};
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
    /// What was typed to be added and is no group.
    unknown: Option<String>,
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

/// What an address names groups by: `group=ID` for each, or `groups=CODE,CODE` as the API takes them, where an id does, too.
fn asked_groups(query: &Query) -> Vec<String> {
    let listed = query.all("groups").flat_map(|list| list.split(','));
    let named = query.all("group").chain(listed).map(str::trim).filter(|text| !text.is_empty());
    named.take(MOST_READ).map(str::to_owned).collect()
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
    let asked = asked_groups(query);
    let subgroups = Asked::with_subgroups(query).unwrap_or(true);
    reader
        .main(move |conn, live, ground| {
            let mut subjects: Vec<Subject> = Vec::new();
            let mut gone = false;
            for text in &asked {
                let id = match Uuid::try_parse(text) {
                    Ok(id) => Some(id),
                    Err(_) => named(conn, text)?,
                };
                let Some(id) = id else {
                    gone = true;
                    continue;
                };
                if subjects.iter().any(|subject| subject.group.id == id) {
                    continue;
                }
                match Subject::load(conn, live, id, subgroups) {
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
    let unknown = match reader.added(&query).await {
        Ok(Some(added)) => return Ok(hx.see_other(&added.url())),
        Ok(None) => None,
        // The choice stays as it is, and what was typed stands in its field.
        Err(Error::NotFound(_)) => Some(query.get("add_text").trim().to_owned()),
        Err(other) => return Err(other.into()),
    };
    let query = query.without("add").without("add_text");
    let Chosen { ground, subjects, errors, gone } = chosen(&reader, &query).await?;
    let begun = subjects.len() >= 2 || gone;
    let asked = Asked::of(&query, ground.today);
    let mut picker = Picker::of(&query, &asked, true);
    // Who has chosen one group is on the way, and no error is told.
    if begun {
        picker.errors.extend(errors.iter().cloned());
    }
    let status = match (gone, picker.errors.is_empty() && unknown.is_none()) {
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
    // The choice by ids alone, as the links that change it go by them.
    let query = subjects
        .iter()
        .fold(query.without("groups").without("group"), |query, subject| query.and("group", subject.group.id));
    let page = ComparePage {
        unknown,
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
