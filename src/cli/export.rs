//! `clientele export KIND`: what `import` takes, out again (SPEC 16).

use super::complete::beside;
use super::database::Database;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::imports::kind::Kind;
use crate::imports::store::export;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

/// Write groups, organizations, customers, products, orders, price-lists, price-list-entries, group-price-lists or
/// memberships as CSV
///
/// The columns are those that `import` takes: what is exported from one shop can be imported into another, in the order in
/// which the kinds are listed here; only members who are not active can't be imported as new ones. To copy a whole shop, use
/// `backup`. The console may run meanwhile.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// What to write.
    #[arg(value_name = "KIND", value_parser = str::parse::<Kind>)]
    kind: Kind,
    /// The file to make, which is there only when it is complete; standard output where it is left out.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, config: &Config) -> Result<()> {
    let database = Database::open_shared(config)?;
    let Some(path) = &arguments.file else {
        return write(&database, arguments.kind, &mut BufWriter::new(io::stdout().lock()));
    };
    let unwritable = |fault: io::Error| Error::Conflict(format!("{} can't be written: {fault}.", path.display()));
    let mut file = beside(path).map_err(unwritable)?;
    write(&database, arguments.kind, &mut BufWriter::new(&mut file))?;
    file.persist(path).map(drop).map_err(|fault| unwritable(fault.error))
}

fn write(database: &Database, kind: Kind, out: &mut dyn Write) -> Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    export::rows(&mut database.connection()?, kind, &mut |row| csv.write_record(row).map_err(Error::internal))?;
    csv.flush().map_err(Error::internal)
}
