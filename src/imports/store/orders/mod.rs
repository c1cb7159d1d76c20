//! Orders and credit notes: a file's rows become whole orders, which replace what is stored of them (SPEC 11).
//!
//! 1. [`heads`]: the file's orders, conflicts within one, and the rows that are held back with a bad one;
//! 2. [`parties`]: their customers and products, those to be made included;
//! 3. [`plan`]: heads and lines as they will be stored, against what is stored;
//! 4. [`write`].

mod heads;
mod parties;
mod plan;
mod write;

use super::{Counts, Job, number, planned};
use crate::error::Result;
use crate::imports::problem::Warnings;
use diesel::pg::PgConnection;

pub(super) fn check(conn: &mut PgConnection, job: &Job<'_>, warnings: &mut Warnings) -> Result<()> {
    heads::find_unknown(conn, job)?;
    heads::gather(conn)?;
    heads::find_conflicts(conn, job)?;
    heads::hold_back(conn)?;
    parties::gather(conn, job)?;
    plan::lines(conn)?;
    if plan::find_too_large(conn)? > 0 {
        heads::hold_back(conn)?;
        parties::gather(conn, job)?;
        plan::lines(conn)?;
    }
    plan::orders(conn, job)?;
    heads::warn(conn, warnings)?;
    parties::warn(conn, warnings)
}

pub(super) fn counts(conn: &mut PgConnection) -> Result<Counts> {
    let mut counts = planned(conn, "import_order_plan")?;
    counts.add(
        "order lines written",
        number(conn, "SELECT coalesce(sum(lines), 0)::bigint AS number FROM import_order_plan WHERE is_changed")?,
    );
    counts.add(
        "credit notes among the orders",
        number(conn, "SELECT count(*) AS number FROM import_order_plan WHERE is_credit_note")?,
    );
    counts.add("customers made", number(conn, "SELECT count(*) AS number FROM import_buyers WHERE is_new")?);
    counts.add("products made", number(conn, "SELECT count(*) AS number FROM import_skus WHERE is_new")?);
    Ok(counts)
}

pub(super) fn merge(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    parties::make(conn, job)?;
    write::orders(conn, job)?;
    write::lines(conn)
}
