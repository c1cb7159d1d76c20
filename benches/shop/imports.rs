//! Imports of the real data, against bare COPY of the same rows into the same indexed tables.

use crate::bench::Bench;
use crate::floors::Outcome;
use crate::machine::{self, megabytes};
use crate::shop::program;
use crate::table::Line;
use crate::timing::{Run, Runs};
use clientele::db::cluster::Cluster;
use clientele::db::migrations;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use flate2::read::GzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const NAME: &str = "bench_import";
/// How often a program's memory is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// What rows come in as, in the order in which they refer to each other: table, columns, and which rows were there
/// before. Columns that PostgreSQL fills by itself, and what is kept by triggers and roll-ups, are nobody's rows.
const TABLES: [(&str, &str, &str); 9] = [
    (
        "groups",
        "id, code, name, description, status, type, parent_id, origin, created_at, updated_at",
        "parent_id IS NOT NULL",
    ),
    ("organizations", "id, code, name, parent_id, group_id, created_at, updated_at", "true"),
    (
        "customers",
        "id, code, name, email, status, country, region, customer_since, payment_history, organization_id, tags, metadata, created_at, updated_at",
        "true",
    ),
    ("memberships", "group_id, customer_id, since, by_hand, by_rule, is_primary", "true"),
    ("products", "id, sku, name, category, base_price, cost, currency, status, created_at, updated_at", "true"),
    ("price_lists", "id, code, name, currency, status, valid_from, valid_to, created_at, updated_at", "true"),
    ("price_list_entries", "price_list_id, product_id, min_quantity, price", "true"),
    (
        "orders",
        "id, order_number, customer_id, placed_at, day, status, currency, net, gross, cost, is_credit_note, paid_at, due_at",
        "true",
    ),
    ("order_lines", "order_id, line, product_id, quantity, unit_price, list_price, unit_cost", "true"),
];

/// A data set: its files with the arguments that import them, and two figures that are known of it.
struct Set {
    name: &'static str,
    files: &'static [(&'static str, &'static str, &'static [&'static str])],
    /// Orders, and lines, where the whole set is well known.
    known: &'static str,
    figure: i64,
}

/// The wholesaler: everything in the import format.
const WWI: Set = Set {
    name: "WWI",
    files: &[
        ("groups", "wwi/groups.csv", &[]),
        ("organizations", "wwi/organizations.csv", &[]),
        ("customers", "wwi/customers.csv", &[]),
        ("products", "wwi/products.csv", &[]),
        ("price-lists", "wwi/price_lists.csv", &[]),
        ("price-list-entries", "wwi/price_list_entries.csv", &[]),
        ("orders", "wwi/orders.csv.gz", &[]),
    ],
    known: "SELECT sum(net)::bigint AS figure FROM orders",
    figure: 17_763_427_640,
};

/// How the till's columns are called in the import format.
const RETAIL: &[&str] = &[
    "--map",
    "InvoiceNo=order_number,StockCode=sku,Description=product_name,Quantity=quantity,InvoiceDate=placed_at,\
     UnitPrice=unit_price,CustomerID=customer_code,Country=customer_country",
    "--set",
    "currency=GBP",
    "--create-missing",
    "customers,products",
    "--good-rows",
];

/// The web shop's till, raw.
const ONLINE_RETAIL: Set = Set {
    name: "Online Retail",
    files: &[("orders", "online_retail/online_retail.csv.gz", RETAIL)],
    known: "SELECT count(*) AS figure FROM customers",
    figure: 0,
};

/// What an import took.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    seconds: f64,
    rows: i64,
    /// The most memory that the program held, in bytes.
    memory: u64,
}

#[derive(QueryableByName)]
struct Figure {
    #[diesel(sql_type = BigInt)]
    figure: i64,
}

/// Both data sets, ours and the floor in turns, and whether the memory grows with the file.
pub fn measure(bench: &mut Bench, cluster: &Cluster, data: &Path) -> Outcome<()> {
    let mut whole = 0;
    for set in [&WWI, &ONLINE_RETAIL] {
        let (mut ours, mut floor, mut rows) = (Vec::new(), Vec::new(), 0);
        for _ in 0..bench.repeats {
            let (one, other) = compare(cluster, data, set)?;
            whole = one.memory;
            rows = one.rows;
            let rate = |taken: &Taken| Run {
                p50: taken.seconds,
                per_second: taken.rows as f64 / taken.seconds,
                ..Run::default()
            };
            ours.push(rate(&one));
            floor.push(rate(&other));
        }
        let (ours, floor) = (Runs(ours), Runs(floor));
        let ratio = ours.per_second() / floor.per_second();
        let told = |runs: &Runs| format!("{:.2} s, {:.0} rows/s", runs.p50(), runs.per_second());
        let (least, most) = ours.between(|run| run.p50);
        bench.add(Line {
            scenario: format!("import of {}, {} rows (floor: COPY)", set.name, clientele::money::format_count(rows)),
            ours: told(&ours),
            floor: told(&floor),
            ratio: format!("{ratio:.2} ×"),
            spread: format!("{least:.2}–{most:.2} s"),
            goal: "≥ 0.3 × COPY".into(),
            met: Some(ratio >= 0.3),
        });
    }
    let quarter = memory_of_a_quarter(cluster, data)?;
    drop_database(cluster)?;
    let flat = whole as f64 <= quarter as f64 * 1.25;
    let told = format!("{}; {} for a quarter of it", megabytes(whole), megabytes(quarter));
    bench.fact("memory of the Online Retail import", told, "flat (≤ 1.25 × a quarter's)", Some(flat));
    Ok(())
}

/// A fresh, migrated database; answers its address.
fn fresh(cluster: &Cluster) -> Outcome<String> {
    drop_database(cluster)?;
    let mut server = PgConnection::establish(&cluster.superuser_url("postgres"))?;
    diesel::sql_query(format!("CREATE DATABASE {NAME}")).execute(&mut server)?;
    let url = cluster.superuser_url(NAME);
    migrations::migrate(&mut PgConnection::establish(&url)?)?;
    Ok(url)
}

/// Removes what the imports left.
fn drop_database(cluster: &Cluster) -> Outcome<()> {
    let mut server = PgConnection::establish(&cluster.superuser_url("postgres"))?;
    diesel::sql_query(format!("DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")).execute(&mut server)?;
    Ok(())
}

/// Runs one import to its end and watches its memory.
fn import(url: &str, kind: &str, file: &Path, arguments: &[&str], folder: &Path) -> Outcome<(f64, u64)> {
    let start = Instant::now();
    let mut child = program()
        .env("DATABASE_URL", url)
        .args(["import", kind])
        .arg(file)
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .spawn()?;
    let mut most = 0;
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None => most = most.max(machine::memory(child.id()).unwrap_or_default().1),
        }
        thread::sleep(LOOK);
    };
    if !status.success() {
        return Err(format!("importing {} as {kind} failed", file.display()).into());
    }
    Ok((start.elapsed().as_secs_f64(), most))
}

/// Imports a set into a fresh database, then copies the same rows into another: ours, and the floor.
fn compare(cluster: &Cluster, data: &Path, set: &Set) -> Outcome<(Taken, Taken)> {
    let url = fresh(cluster)?;
    let folder = tempfile::tempdir()?;
    let mut ours = Taken::default();
    for (kind, file, arguments) in set.files {
        let (seconds, memory) = import(&url, kind, &data.join(file), arguments, folder.path())?;
        ours.seconds += seconds;
        ours.memory = ours.memory.max(memory);
    }
    let mut conn = PgConnection::establish(&url)?;
    if set.figure != 0 {
        let found: Figure = diesel::sql_query(set.known).get_result(&mut conn)?;
        if found.figure != set.figure {
            return Err(format!("{}: {} gives {}, not {}", set.name, set.known, found.figure, set.figure).into());
        }
    }
    for (table, _, rows) in TABLES {
        let count = format!("SELECT count(*) AS figure FROM {table} WHERE {rows}");
        ours.rows += diesel::sql_query(count).get_result::<Figure>(&mut conn)?.figure;
    }
    drop(conn);
    // Each table's rows in a file, then all of them back in one transaction, as an import does it.
    let mut script = String::from("BEGIN;\n");
    for (table, columns, rows) in TABLES {
        let file = folder.path().join(table);
        let query = format!("\\copy (SELECT {columns} FROM {table} WHERE {rows}) TO '{}'", file.display());
        psql(&url, &query)?;
        script += &format!("\\copy {table} ({columns}) FROM '{}'\n", file.display());
    }
    let path = folder.path().join("script");
    std::fs::write(&path, script + "COMMIT;\n")?;
    let url = fresh(cluster)?;
    let start = Instant::now();
    psql_file(&url, &path)?;
    let floor = Taken { seconds: start.elapsed().as_secs_f64(), rows: ours.rows, memory: 0 };
    let mut conn = PgConnection::establish(&url)?;
    let found: Figure = diesel::sql_query("SELECT count(*) AS figure FROM order_lines WHERE order_id <> $1::uuid")
        .bind::<Text, _>("00000000-0000-0000-0000-000000000000")
        .get_result(&mut conn)?;
    if found.figure == 0 {
        return Err("the floor copied no lines".into());
    }
    Ok((ours, floor))
}

fn psql(url: &str, command: &str) -> Outcome<()> {
    run(Command::new("psql").args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", command, url]))
}

fn psql_file(url: &str, script: &Path) -> Outcome<()> {
    run(Command::new("psql").args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f"]).arg(script).arg(url))
}

fn run(command: &mut Command) -> Outcome<()> {
    let output = command.output().map_err(|fault| format!("psql can't be run: {fault}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned().into()),
    }
}

/// The most memory of an import of a quarter of the till's rows, to be compared with that of all of them.
fn memory_of_a_quarter(cluster: &Cluster, data: &Path) -> Outcome<u64> {
    let (_, file, arguments) = ONLINE_RETAIL.files[0];
    let folder = tempfile::tempdir()?;
    let quarter = folder.path().join("quarter.csv");
    let lines = BufReader::new(GzDecoder::new(File::open(data.join(file))?)).split(b'\n');
    let mut out = BufWriter::new(File::create(&quarter)?);
    for line in lines.take(135_000) {
        out.write_all(&line?)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    drop(out);
    let url = fresh(cluster)?;
    Ok(import(&url, "orders", &quarter, arguments, folder.path())?.1)
}
