//! Reports as files: `.csv` for machines, `.xlsx` for people, with the same figures as the pages.

use super::compare::{Chosen, chosen};
use super::{Asking, Reader};
use crate::error::{Error, Result};
use crate::groups::group::ROOT_ID;
use crate::groups::store::parse_id;
use crate::money::Currency;
use crate::reports::comparison;
use crate::reports::forms::Asked;
use crate::reports::frame::Frame;
use crate::reports::store::at_risk;
use crate::reports::store::economics::economics;
use crate::reports::store::performance::{performance, reports};
use crate::reports::store::{Scope, at_one_moment};
use crate::reports::tables::{about, economics_tables, metrics_table, people_table, person_row, trend_table};
use crate::table::{Cell, Table};
use crate::web::errors::PageError;
use crate::web::query::Query;
use crate::web::{csv, workbook};
use actix_web::{HttpRequest, HttpResponse, web};
use diesel::PgConnection;
use uuid::Uuid;

/// The title of the table of who stopped, and what its amounts are.
const AT_RISK: (&str, &str) = ("At-risk members", "Bought before");

/// Tables in the format that the address ends with.
async fn sent(request: &HttpRequest, name: &str, currency: Currency, tables: Vec<Table>) -> Result<HttpResponse> {
    if request.path().ends_with(".xlsx") {
        workbook::of_tables(&format!("{name}.xlsx"), currency, tables).await
    } else {
        csv::of_tables(&format!("{name}.csv"), currency, &tables)
    }
}

/// `GET /groups/{id}/report.csv`, `.xlsx`.
pub async fn of_group(asking: Asking, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, PageError> {
    let reader = Reader::of(asking)?;
    Ok(report(&reader, &request, parse_id(&id)?).await?)
}

/// `GET /reports.csv`, `.xlsx`.
pub async fn of_all(asking: Asking, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let reader = Reader::of(asking)?;
    Ok(report(&reader, &request, ROOT_ID).await?)
}

async fn report(reader: &Reader, request: &HttpRequest, id: Uuid) -> Result<HttpResponse> {
    let query = Query::new("", request.query_string());
    let (ground, subject) = reader.subject(id, &query).await?;
    let asked = Asked::of(&query, ground.today).map_err(Error::Invalid)?;
    let (period, scope) = (asked.period, subject.scope.clone());
    let (zone, limit) = (ground.store.time_zone, subject.credit_limit);
    let ask = move |conn: &mut PgConnection| {
        at_one_moment(conn, |conn| {
            Ok((performance(conn, period, &scope)?, economics(conn, id, &scope, period, zone, limit)?))
        })
    };
    let ((found, economics), _) = reader.report(&ground, ask).await?;
    let group = &subject.group;
    let [amounts, moved] = economics_tables(&found.report, &economics);
    let tables = vec![
        about(&group.name, &period, asked.subgroups, ground.store.currency),
        metrics_table(&found.report),
        trend_table(&found.report),
        people_table("Top customers", "Revenue", &found.people.top),
        people_table(AT_RISK.0, AT_RISK.1, &found.people.at_risk),
        amounts,
        moved,
    ];
    let name = format!("report-{}-{}-{}", group.code.to_lowercase(), period.from, period.to);
    sent(request, &name, ground.store.currency, tables).await
}

/// `GET /groups/{id}/report/at-risk.csv`: all at-risk members, of whom the report names the first few.
pub async fn at_risk_of_group(
    asking: Asking,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let reader = Reader::of(asking)?;
    Ok(at_risk(&reader, &request, parse_id(&id)?).await?)
}

/// `GET /reports/at-risk.csv`.
pub async fn at_risk_of_all(asking: Asking, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let reader = Reader::of(asking)?;
    Ok(at_risk(&reader, &request, ROOT_ID).await?)
}

async fn at_risk(reader: &Reader, request: &HttpRequest, id: Uuid) -> Result<HttpResponse> {
    let query = Query::new("", request.query_string());
    let (ground, subject) = reader.subject(id, &query).await?;
    let asked = Asked::of(&query, ground.today).map_err(Error::Invalid)?;
    let (frame, scope) = (Frame::of(asked.period), subject.scope);
    let each = move |conn: &mut PgConnection, take: &mut dyn FnMut(&[Cell]) -> Result<()>| {
        at_one_moment(conn, |conn| at_risk::each(conn, &frame, &scope, |person| take(&person_row(person))))
    };
    let heading = people_table(AT_RISK.0, AT_RISK.1, &[]);
    let code = subject.group.code.to_lowercase();
    let name = format!("at-risk-{code}-{}-{}.csv", asked.period.from, asked.period.to);
    csv::of_query(&name, ground.store.currency, heading, reader.db(), each)
}

/// `GET /reports/compare.csv`, `.xlsx`.
pub async fn comparison(asking: Asking, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let reader = Reader::of(asking)?;
    let query = Query::new("", request.query_string());
    let Chosen { ground, subjects, errors, .. } = chosen(&reader, &query).await?;
    if !errors.is_empty() {
        return Err(Error::Invalid(errors).into());
    }
    let asked = Asked::of(&query, ground.today).map_err(Error::Invalid)?;
    let scopes: Vec<Scope> = subjects.iter().map(|subject| subject.scope.clone()).collect();
    let ask = move |conn: &mut PgConnection| at_one_moment(conn, |conn| reports(conn, asked.period, &scopes));
    let (found, _) = reader.report(&ground, ask).await?;
    let names: Vec<String> = subjects.into_iter().map(|subject| subject.group.name).collect();
    let tables = vec![
        about(&names.join(", "), &asked.period, asked.subgroups, ground.store.currency),
        comparison::table(&names, &found),
    ];
    let name = format!("comparison-{}-{}", asked.period.from, asked.period.to);
    Ok(sent(&request, &name, ground.store.currency, tables).await?)
}
