//! The import itself, in one transaction: read and stage, check, merge, roll up, record; or nothing at all.

use self::tasks::file_name;
use super::intake::{Intake, Progress};
use super::kind::{Kind, Missing};
use super::mapping::{self, Mapping, Wishes};
use super::problem::Warnings;
use super::records::Records;
use super::report::{BadRow, Outcome, Reason, Report};
use super::row::Context;
use super::shopify::Export;
use super::store::{self, Job, problems, purchases, remembered, staging};
use super::task::Options;
use super::{errors_file, peek, source};
use crate::audit::event::{Action, NewEvent};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, Result};
use crate::rules::actions::{catch_up, note_changes};
use chrono::{DateTime, Utc};
use diesel::Connection;
use diesel::pg::PgConnection;
use diesel::result::{DatabaseErrorKind, Error as Diesel};
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::rc::Rc;
use uuid::Uuid;

pub mod tasks;
pub mod worker;

/// How many bad rows a report shows.
const SHOWN_BAD_ROWS: i64 = 20;

/// What is to be imported, and how.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// What the rows are.
    pub kind: Kind,
    /// The file's name, for the report and the audit log.
    pub file: &'a str,
    /// What is said about its columns.
    pub wishes: Wishes,
    /// What may be made where rows refer to it and it doesn't exist.
    pub create: Vec<Missing>,
    /// Only report what would happen.
    pub dry_run: bool,
    /// Import the good rows though there are bad ones.
    pub good_rows: bool,
    /// Who imports.
    pub actor: &'a Actor,
    /// Now, UTC.
    pub now: DateTime<Utc>,
}

/// Imports a file that a person at the command line reads from the disk, and writes it down for the history on the page.
/// `ended` tells the time when it is done.
///
/// # Errors
/// As [`import_with`].
pub fn import_from_disk(
    conn: &mut PgConnection,
    file: &mut File,
    request: &Request<'_>,
    bad_rows: Option<&mut dyn Write>,
    progress: &mut dyn FnMut(Progress),
    ended: &dyn Fn() -> DateTime<Utc>,
) -> Result<Report> {
    let bytes = i64::try_from(file.metadata().map_err(Error::internal)?.len()).unwrap_or(i64::MAX);
    let options = Options {
        map: request.wishes.map.clone(),
        set: request.wishes.set.clone(),
        create: request.create.iter().map(|missing| missing.name().to_owned()).collect(),
        good_rows: request.good_rows,
    };
    let name = file_name(request.file);
    import_with(conn, file, request, bad_rows, progress, &mut |conn, report| {
        let sent = (request.kind, name.as_str(), &options);
        store::tasks::insert_done(conn, sent, bytes, report, request.actor, (request.now, ended()))
    })
}

/// Imports `file`, which may be gzip. Commits, or changes nothing: then the report says [`Outcome::Tried`] or
/// [`Outcome::Refused`]. The rows that are not imported are written to `bad_rows` as a CSV, where there are any.
///
/// # Errors
/// Where the file as a whole can't be taken: its header, its end, its encoding. Bad rows are no error but in the report.
pub fn import<R: Read + Seek>(
    conn: &mut PgConnection,
    file: &mut R,
    request: &Request<'_>,
    bad_rows: Option<&mut dyn Write>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report> {
    import_with(conn, file, request, bad_rows, progress, &mut |_, _| Ok(()))
}

/// Imports `file`, which may be gzip. Commits, or changes nothing: then the report says [`Outcome::Tried`] or
/// [`Outcome::Refused`]. The rows that are not imported are written to `bad_rows` as a CSV, where there are any. `also` is
/// done last in the transaction of an import that is to stay, and stays or goes with it.
///
/// # Errors
/// Where the file as a whole can't be taken: its header, its end, its encoding; and those of `also`. Bad rows are no error
/// but in the report.
pub fn import_with<R: Read + Seek>(
    conn: &mut PgConnection,
    file: &mut R,
    request: &Request<'_>,
    bad_rows: Option<&mut dyn Write>,
    progress: &mut dyn FnMut(Progress),
    also: &mut dyn FnMut(&mut PgConnection, &Report) -> Result<()>,
) -> Result<Report> {
    request.actor.require(Permission::Import)?;
    if let Some(missing) = request.create.iter().find(|missing| !request.kind.can_create().contains(missing)) {
        return Err(Error::field(
            "create_missing",
            format!("An import of {} can't create {}.", request.kind, missing.name()),
        ));
    }
    let ended = conn.transaction(|conn| {
        let report = run(conn, file, request, bad_rows, &mut *progress)?;
        // Only an import that is to stay leaves the transaction as a success.
        match report.outcome {
            Outcome::Imported => {
                also(conn, &report)?;
                Ok(report)
            }
            Outcome::Tried | Outcome::Refused => Err(Ended::Unchanged(Box::new(report))),
        }
    });
    match ended {
        Ok(report) => {
            progress(Progress::RunningRules);
            // The rows are in whatever becomes of this: what is left over, the scheduler of a running console does.
            if let Err(error) = catch_up(conn, request.now) {
                tracing::error!(%error, "the rules could not be run after an import");
            }
            Ok(report)
        }
        Err(Ended::Unchanged(report)) => Ok(*report),
        Err(Ended::Failed(error)) => Err(explain(error)),
    }
}

/// Why a transaction was rolled back.
enum Ended {
    Unchanged(Box<Report>),
    Failed(Error),
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Diesel> for Ended {
    fn from(error: Diesel) -> Self {
        Self::Failed(error.into())
    }
}

fn run<R: Read + Seek>(
    conn: &mut PgConnection,
    file: &mut R,
    request: &Request<'_>,
    bad_rows: Option<&mut dyn Write>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report> {
    let kind = request.kind;
    store::hold_settings(conn)?;
    store::use_memory(conn)?;
    let settings = crate::store_settings::store::load(conn)?;
    let context = Context { currency: settings.currency, zone: settings.time_zone, now: request.now };

    let bytes = Rc::new(Cell::new(0));
    let text = source::open(file, Rc::clone(&bytes)).map_err(|error| unreadable(&error, 0))?;
    let mut records = Records::new(text).map_err(|error| unreadable(&error, 0))?;
    let mut header = peek::header(&mut records, &mapping::wanted(kind))?;
    if let Some(export) = Export::of(&header).filter(|export| export.kind() == kind) {
        header = export.columns();
        records.translate(export);
    }
    let signature = mapping::signature(&header);
    let remembers = tasks::remembers(request.actor);
    let before = if remembers { remembered::load(conn, kind, &signature)? } else { None };
    let mapping = mapping::match_header(kind, &header, &request.wishes, before.as_ref()).map_err(Error::Invalid)?;

    let intake = RefCell::new(Intake::new(kind, &mapping, &context, records, bytes, progress));
    staging::prepare(conn, kind)?;
    if let Err(error) = staging::copy_rows(conn, kind, |sink| intake.borrow_mut().feed(sink)) {
        return Err(intake.into_inner().failure.unwrap_or(error));
    }
    staging::copy_problems(conn, |sink| intake.borrow_mut().feed_problems(sink))?;
    let mut intake = intake.into_inner();
    intake.tell(Progress::Checking);

    store::take_turn(conn)?;
    let present = mapping.present(kind);
    let job = Job {
        id: Uuid::now_v7(),
        now: request.now,
        actor: request.actor,
        currency: settings.currency,
        present: &present,
        create: &request.create,
    };
    let mut warnings = std::mem::take(&mut intake.warnings);
    store::check(conn, kind, &job, &mut warnings)?;
    let mut report = report(conn, request, &job, &mapping, warnings, intake.rows)?;
    report.mapping_remembered = before.is_some();

    if report.outcome == Outcome::Imported {
        intake.tell(Progress::Writing);
        store::merge(conn, kind, &job, &report.counts)?;
        if kind == Kind::Orders {
            intake.tell(Progress::RollingUp);
            purchases::recompute(conn)?;
        }
        if let Some(touched) = touched(kind) {
            note_changes(conn, touched, request.actor, request.now)?;
        }
        if remembers {
            remembered::save(conn, kind, &signature, &mapping.pairs, request.now)?;
        }
        let subject = format!("{} from {}", kind.noun(), request.file);
        let after = serde_json::to_value(&report).map_err(Error::internal)?;
        record(
            conn,
            request.actor,
            request.now,
            &NewEvent::about(Action::ImportCompleted, Some(job.id), &subject, None, Some(after)),
        )?;
    }
    if report.bad_rows > 0
        && let Some(out) = bad_rows
    {
        intake.tell(Progress::WritingErrors);
        drop(intake);
        errors_file::write(conn, file, out)?;
    }
    Ok(report)
}

/// The customers about whom rules may think otherwise after an import.
fn touched(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Orders => Some("SELECT customer_id FROM import_touched"),
        Kind::Customers => Some("SELECT id AS customer_id FROM import_customer_plan"),
        Kind::Memberships => Some("SELECT customer_id FROM import_membership_plan"),
        _ => None,
    }
}

fn unreadable(error: &std::io::Error, row: u64) -> Error {
    Error::Malformed(source::explain(error, row))
}

fn report(
    conn: &mut PgConnection,
    request: &Request<'_>,
    job: &Job<'_>,
    mapping: &Mapping,
    warnings: Warnings,
    rows: u64,
) -> Result<Report> {
    let bad_rows = problems::count(conn)?;
    let outcome = match (bad_rows > 0 && !request.good_rows, request.dry_run) {
        (true, _) => Outcome::Refused,
        (false, true) => Outcome::Tried,
        (false, false) => Outcome::Imported,
    };
    let reasons = problems::by_cause(conn)?.into_iter().map(|reason| Reason {
        column: reason.column_name,
        cause: reason.cause,
        rows: reason.rows,
        first_rows: reason.first_rows,
        example: reason.example,
    });
    let first = problems::page(conn, 0, SHOWN_BAD_ROWS)?;
    Ok(Report {
        id: job.id,
        kind: request.kind.name(),
        file: request.file.to_owned(),
        outcome,
        dry_run: request.dry_run,
        rows,
        bad_rows,
        counts: store::counts(conn, request.kind)?,
        reasons: reasons.collect(),
        first_bad_rows: first.into_iter().map(|bad| BadRow { row: bad.number, reason: bad.reason }).collect(),
        warnings: warnings.into_vec(),
        mapping: mapping.pairs.clone(),
        mapping_remembered: false,
        unused_columns: mapping
            .unused
            .iter()
            .filter(|name| !errors_file::ADDED.contains(&name.as_str()))
            .cloned()
            .collect(),
        errors_file: None,
    })
}

/// Faults that come of somebody else's change at the same moment are told as such: the import can be repeated.
fn explain(error: Error) -> Error {
    let Error::Internal(fault) = &error else { return error };
    let Some(Diesel::DatabaseError(kind, info)) = fault.downcast_ref::<Diesel>() else { return error };
    let meanwhile = match kind {
        DatabaseErrorKind::UniqueViolation
        | DatabaseErrorKind::ForeignKeyViolation
        | DatabaseErrorKind::SerializationFailure => true,
        _ => info.message().contains("deadlock detected"),
    };
    if meanwhile {
        return Error::Conflict(store::MEANWHILE.into());
    }
    error
}
