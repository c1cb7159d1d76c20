//! A group's whole report.

use super::Scope;
use super::everyone::of_everyone;
use super::figures::figures;
use super::people::people;
use crate::error::Result;
use crate::reports::frame::Frame;
use crate::reports::metrics::{Figures, Named};
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

/// The figures of these scopes, in their order, with whom they name.
fn found(conn: &mut PgConnection, period: Period, scopes: &[Scope]) -> Result<Vec<(Report, Named)>> {
    let frame = Frame::of(period);
    let own = figures(conn, &frame, scopes)?;
    let everyone = match scopes.iter().position(|scope| *scope == Scope::Everyone) {
        Some(place) => own.get(place).cloned().unwrap_or_default(),
        None => of_everyone(conn, &frame, false)?,
    };
    let report = |own: Figures| {
        let named = own.named.clone();
        (Report::of(period, own, &everyone), named)
    };
    Ok(own.into_iter().map(report).collect())
}

/// The reports of these scopes, in their order.
pub fn performances(conn: &mut PgConnection, period: Period, scopes: &[Scope]) -> Result<Vec<Performance>> {
    let found = found(conn, period, scopes)?;
    found.into_iter().map(|(report, named)| Ok(Performance { people: people(conn, &named)?, report })).collect()
}

/// The figures of these scopes alone, in their order.
pub fn reports(conn: &mut PgConnection, period: Period, scopes: &[Scope]) -> Result<Vec<Report>> {
    Ok(found(conn, period, scopes)?.into_iter().map(|(report, _)| report).collect())
}

/// The report of one scope.
pub fn performance(conn: &mut PgConnection, period: Period, scope: &Scope) -> Result<Performance> {
    let found = performances(conn, period, std::slice::from_ref(scope))?.into_iter().next();
    found.ok_or_else(|| crate::error::Error::internal("a scope has no report"))
}
