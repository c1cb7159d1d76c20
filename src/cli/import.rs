//! `clientele import KIND FILE`: a CSV file comes in, or nothing changes (SPEC 11).

use super::complete;
use super::database::Database;
use crate::auth::role::Actor;
use crate::clock::Clock;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::imports::actions::{self, Request};
use crate::imports::intake::Progress;
use crate::imports::kind::{Kind, Missing};
use crate::imports::mapping::Wishes;
use crate::imports::report::{Outcome, Report};
use crate::money::format_count;
use clap::Args;
use diesel::pg::PgConnection;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::NamedTempFile;

/// Import a CSV file: groups, organizations, customers, products, orders, price-lists, price-list-entries,
/// group-price-lists or memberships.
///
/// The file is UTF-8 with a header, plain or gzip. Its columns are recognized by their names; what is known already is
/// updated, an order in the file replaces the stored one. Either all rows come in, or nothing changes and the exit
/// status is 1.
#[derive(Args, Clone, Debug)]
pub struct ImportArgs {
    /// What the rows are.
    #[arg(value_name = "KIND", value_parser = str::parse::<Kind>)]
    pub kind: Kind,
    /// The file, also .csv.gz; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Say which column of the file is which of the kind: InvoiceNo=order_number,StockCode=sku. COLUMN=- leaves one out.
    #[arg(long, value_name = "COLUMN=NAME,…", value_delimiter = ',', value_parser = pair)]
    pub map: Vec<(String, String)>,
    /// Give a column the same value in every row: currency=GBP.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
    /// Make what rows refer to and doesn't exist: customers and products (orders), organizations (customers).
    #[arg(long, value_name = "THINGS", value_delimiter = ',', value_parser = str::parse::<Missing>)]
    pub create_missing: Vec<Missing>,
    /// Only report what would happen.
    #[arg(long)]
    pub dry_run: bool,
    /// Import the good rows and write the others, each with its reason, to a CSV file to mend.
    #[arg(long)]
    pub good_rows: bool,
    /// Where to write the rows that are not imported [default with --good-rows: FILE.errors.csv in this folder].
    #[arg(long, value_name = "FILE")]
    pub errors: Option<PathBuf>,
    /// Report as JSON.
    #[arg(long)]
    pub json: bool,
}

fn pair(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.trim().to_owned())),
        _ => Err(format!("\"{text}\" is not of the form NAME=VALUE")),
    }
}

/// Imports as the arguments say, with progress on standard error and the report on `out`. Anything but
/// [`Outcome::Refused`] means that what was asked for is done.
///
/// # Errors
/// Where the file can't be read or its header or encoding can't be taken; nothing was changed then.
pub(super) fn run(args: &ImportArgs, config: &Config) -> Result<()> {
    // A name that is mistyped is told before a database is started for it.
    let (mut file, name) = open(&args.file)?;
    let database = Database::open(config)?;
    database.migrate()?;
    match import(args, &mut file, &name, &mut database.connection()?, &Clock::system(), &mut io::stdout().lock())? {
        Outcome::Refused => Err(Error::Conflict("Nothing was imported; the report says why.".into())),
        _ => Ok(()),
    }
}

fn import(
    args: &ImportArgs,
    file: &mut File,
    name: &str,
    conn: &mut PgConnection,
    clock: &Clock,
    out: &mut dyn Write,
) -> Result<Outcome> {
    let size = file.metadata().map_err(Error::internal)?.len();
    let target = error_target(args);
    let mut errors = target.as_deref().map(|path| beside(path, &args.file)).transpose()?;
    let actor = Actor::command_line();
    let request = Request {
        kind: args.kind,
        file: name,
        wishes: Wishes { map: args.map.clone(), set: args.set.clone() },
        create: args.create_missing.clone(),
        dry_run: args.dry_run,
        good_rows: args.good_rows,
        actor: &actor,
        now: clock.now(),
    };
    let mut bar = Bar::new(size);
    let bad_rows = errors.as_mut().map(|file| file as &mut dyn Write);
    let mut show = |progress| bar.show(progress);
    let report = actions::import_from_disk(conn, file, &request, bad_rows, &mut show, &|| clock.now());
    bar.finish();
    let mut report = report?;
    if let (Some(written), Some(path)) = (errors, target)
        && report.bad_rows > 0
    {
        keep(written, &path, report.outcome)?;
        report.errors_file = Some(path.display().to_string());
    }
    tell(&report, args.json, out)?;
    Ok(report.outcome)
}

fn tell(report: &Report, json: bool, out: &mut dyn Write) -> Result<()> {
    let text = match json {
        true => serde_json::to_string_pretty(report).map_err(Error::internal)? + "\n",
        false => report.to_string(),
    };
    out.write_all(text.as_bytes()).map_err(Error::internal)
}

/// The file and its name. What comes through a pipe is put into a temporary file first, as it may be read twice.
fn open(path: &Path) -> Result<(File, String)> {
    if path == OsStr::new("-") {
        let mut file = tempfile::tempfile().map_err(Error::internal)?;
        io::copy(&mut io::stdin().lock(), &mut file).map_err(Error::internal)?;
        return Ok((file, "standard input".into()));
    }
    let unreadable = |error| Error::NotFound(format!("{} can't be read: {error}.", path.display()));
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.is_dir() {
        return Err(Error::NotFound(format!("{} is a folder. Name a file.", path.display())));
    }
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok((file, name))
}

/// Where bad rows go: where it was said, or with `--good-rows` beside us under the file's name.
fn error_target(args: &ImportArgs) -> Option<PathBuf> {
    let default = || {
        let name = args.file.file_name().filter(|name| *name != OsStr::new("-"))?.to_string_lossy().into_owned();
        let stem = name.strip_suffix(".gz").unwrap_or(&name);
        let stem = stem.strip_suffix(".csv").unwrap_or(stem);
        Some(PathBuf::from(format!("{stem}.errors.csv")))
    };
    match (&args.errors, args.good_rows) {
        (Some(path), _) => Some(path.clone()),
        (None, true) => Some(default().unwrap_or_else(|| PathBuf::from("import.errors.csv"))),
        (None, false) => None,
    }
}

/// A temporary file in the folder of `path`, which it replaces when it is complete.
fn beside(path: &Path, source: &Path) -> Result<NamedTempFile> {
    let same = match (path.canonicalize(), source.canonicalize()) {
        (Ok(path), Ok(source)) => path == source,
        _ => false,
    };
    if same {
        return Err(Error::field("errors", "The rows that are not imported can't be written over the file itself."));
    }
    complete::beside(path)
        .map_err(|error| Error::field("errors", format!("{} can't be written: {error}.", path.display())))
}

fn keep(written: NamedTempFile, path: &Path, outcome: Outcome) -> Result<()> {
    written.persist(path).map(drop).map_err(|error| {
        let done = if outcome == Outcome::Imported { "The good rows are imported, but " } else { "" };
        let what = format!("{done}the others can't be written to {}: {}.", path.display(), error.error);
        Error::field("errors", what)
    })
}

/// Progress on standard error: a bar by the file's bytes, or lines now and then where there is no terminal.
struct Bar {
    bar: ProgressBar,
    next_line: Duration,
}

/// Seconds between two lines of a log.
const PAUSE: Duration = Duration::from_secs(5);

impl Bar {
    fn new(size: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(size), ProgressDrawTarget::stderr());
        // The template is a constant of this program: it can't be wrong.
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes}  {msg}") {
            bar.set_style(style);
        }
        Self { bar, next_line: PAUSE }
    }

    fn show(&mut self, progress: Progress) {
        let elapsed = self.bar.elapsed();
        let (message, is_due) = match progress {
            Progress::Reading { rows, bytes } => {
                self.bar.set_position(bytes);
                let rate = format_count((rows as f64 / elapsed.as_secs_f64().max(0.001)) as i64);
                let rows = format_count(i64::try_from(rows).unwrap_or(i64::MAX));
                (format!("{rows} rows read, {rate} rows/s"), elapsed >= self.next_line)
            }
            Progress::Checking => ("checking".into(), true),
            Progress::Writing => ("writing".into(), true),
            Progress::RollingUp => ("rolling up purchases".into(), true),
            Progress::RunningRules => ("running rules".into(), true),
            Progress::WritingErrors => ("writing the rows that are not imported".into(), true),
        };
        if self.bar.is_hidden() && is_due {
            self.next_line = elapsed + PAUSE;
            // Where standard error is gone, progress is nobody's loss.
            let _ = writeln!(io::stderr(), "{message}");
        }
        self.bar.set_message(message);
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
