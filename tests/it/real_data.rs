//! The real data sets, imported into fresh databases and compared with plain SQL over the files' own rows: the files
//! are copied as they are into tables of texts, and every expected figure is computed from those.
//!
//! Run by `make test-data DATA=folder`.

mod online_retail;
mod wwi;

use crate::imports::Shop;
use clientele::auth::role::Actor;
use clientele::error::Error;
use clientele::imports::actions::{self, Request};
use clientele::imports::kind::{Kind, Missing};
use clientele::imports::mapping::Wishes;
use clientele::imports::report::{Outcome, Report};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

/// What is chosen for an import besides its kind and file.
#[derive(Default)]
struct Choice {
    create: Vec<Missing>,
    set: Vec<(String, String)>,
    good_rows: bool,
}

fn path(file: &str) -> PathBuf {
    let folder = std::env::var_os("DATA").expect("DATA names the folder with the real data");
    PathBuf::from(folder).join(file)
}

/// Imports a file as the command line does: the report and the CSV of the rows that are not imported.
fn import(shop: &mut Shop, kind: Kind, name: &str, choice: &Choice) -> (Report, String) {
    let mut file = File::open(path(name)).unwrap();
    let mut bad_rows = Vec::new();
    let request = Request {
        kind,
        file: name,
        wishes: Wishes { map: Vec::new(), set: choice.set.clone() },
        create: choice.create.clone(),
        dry_run: false,
        good_rows: choice.good_rows,
        actor: &Actor::command_line(),
        now: crate::imports::now(),
    };
    let report = actions::import_from_disk(
        &mut shop.conn,
        &mut file,
        &request,
        Some(&mut bad_rows),
        &mut |_| (),
        &chrono::Utc::now,
    );
    let report = report.unwrap();
    assert_eq!(report.outcome, Outcome::Imported, "{report}");
    (report, String::from_utf8(bad_rows).unwrap())
}

/// The text of a file.
fn text(name: &str) -> Box<dyn Read> {
    let file = File::open(path(name)).unwrap();
    if name.ends_with(".gz") { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) }
}

/// Copies a file, all of it as text, into `raw.TABLE`, which the macro makes known to diesel. `n` counts the rows.
macro_rules! raw_table {
    ($shop:expr, $file:expr, $table:ident ($($column:ident),+ $(,)?)) => {{
        diesel::table! {
            raw.$table (n) {
                n -> Int8,
                $($column -> Nullable<Text>,)+
            }
        }
        let columns = [$(stringify!($column)),+].map(|name| format!("{name} text")).join(", ");
        $shop.execute(&format!(
            "CREATE SCHEMA IF NOT EXISTS raw; CREATE TABLE raw.{} (n bigserial PRIMARY KEY, {columns})",
            stringify!($table)
        ));
        diesel::copy_from($table::table)
            .from_raw_data(($($table::$column,)+), |sink| crate::real_data::pour($file, sink))
            .with_format(CopyFormat::Csv)
            .with_header(CopyHeader::Set(true))
            .execute(&mut $shop.conn)
            .unwrap();
        $shop.execute(&format!("ANALYZE raw.{}", stringify!($table)));
    }};
}
use raw_table;

fn pour(name: &str, mut sink: &mut dyn io::Write) -> Result<(), Error> {
    io::copy(&mut text(name), &mut sink).map(drop).map_err(Error::internal)
}

/// The rows of both queries must be the same.
fn same(shop: &mut Shop, what: &str, stored: &str, from_file: &str) {
    let (stored, expected) = (shop.rows(stored), shop.rows(from_file));
    assert!(!expected.is_empty(), "{what}: the file has nothing to compare");
    let first = stored.iter().zip(&expected).position(|(stored, expected)| stored != expected);
    if let Some(place) = first {
        panic!("{what}, place {place}: stored {}, in the file {}", stored[place], expected[place]);
    }
    assert_eq!(stored.len(), expected.len(), "{what}");
}

/// What the shop holds, without the log of imports and the mappings' dates.
fn contents(shop: &mut Shop) -> Vec<String> {
    let prints = shop.fingerprint();
    prints
        .lines()
        .filter(|line| !["audit_events|", "import_mappings|", "imports|"].iter().any(|told| line.starts_with(told)))
        .map(str::to_owned)
        .collect()
}
