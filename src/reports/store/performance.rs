//! A group's whole report.

use super::Scope;
use super::figures::{figures, of_everyone};
use super::people::people;
use crate::error::Result;
use crate::reports::frame::Frame;
use crate::reports::people::People;
use crate::reports::period::Period;
use crate::reports::report::Report;
use diesel::PgConnection;

/// A report with the customers that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Performance {
    /// The figures.
    pub report: Report,
    /// Who buys most, and who has stopped.
    pub people: People,
}

/// The reports of these scopes, in their order, without names.
pub fn reports(conn: &mut PgConnection, period: Period, scopes: &[Scope]) -> Result<Vec<Report>> {
    let frame = Frame::of(period);
    let own = figures(conn, &frame, scopes)?;
    let everyone = match scopes.iter().position(|scope| *scope == Scope::Everyone) {
        Some(place) => own.get(place).cloned().unwrap_or_default(),
        None => of_everyone(conn, &frame, false)?,
    };
    Ok(own.into_iter().map(|own| Report::of(period, own, &everyone)).collect())
}

/// The report of one scope.
pub fn performance(conn: &mut PgConnection, period: Period, scope: &Scope) -> Result<Performance> {
    let report = reports(conn, period, std::slice::from_ref(scope))?.into_iter().next();
    let report = report.ok_or_else(|| crate::error::Error::internal("a scope has no report"))?;
    Ok(Performance { people: people(conn, &Frame::of(period), scope)?, report })
}
