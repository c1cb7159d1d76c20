//! `make bench`: how fast the program is on a large shop, and how far from the floor (docs/benchmarks.md).
//!
//! A floor is the leanest hand-written SQL that gives the same data, prepared, on the same database, through the same
//! client library, at the same concurrency, in the same run. Nothing fails on a time; a wrong answer fails.
//!
//! A new scenario is a file with a function as those in [`SCENARIOS`], and its line there.

mod api;
mod attach;
mod bench;
mod floors;
mod footprint;
mod groups;
mod imports;
mod machine;
mod members;
mod nodes;
mod reports;
mod rules;
mod settings;
mod shop;
mod sign_in;
mod store;
mod table;
mod timing;
mod visit;

use bench::{Bench, Stage};
use clientele::db::cluster::Cluster;
use diesel::prelude::*;
use floors::Outcome;
use shop::{Server, program};
use std::env;
use std::io::Write;
use std::path::Path;
use std::time::Duration;
use visit::Browser;

/// What is measured on the running server, in order. A name is what `BENCH_ONLY` knows it by.
const SCENARIOS: [(&str, Scenario); 10] = [
    ("groups", groups::measure),
    ("members", members::measure),
    ("sign-in", sign_in::measure),
    ("api", api::measure),
    ("attach", attach::measure),
    ("rules", rules::measure),
    ("store", store::measure),
    ("nodes", nodes::measure),
    ("settings", settings::measure),
    ("reports", reports::measure),
];

type Scenario = fn(&mut Bench, &mut Stage<'_>) -> Outcome<()>;

fn main() -> Outcome<()> {
    // `cargo test --benches` and `cargo bench -- --list` ask for tests; here are none.
    if env::args().any(|argument| argument == "--list" || argument == "--test") {
        return Ok(());
    }
    let text =
        |name: &str, default: &str| env::var(name).ok().filter(|v| !v.is_empty()).unwrap_or_else(|| default.into());
    let scale = text("BENCH_SCALE", "1");
    let number = |name: &str, default: &str| match text(name, default).parse::<u32>() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("{name} takes a whole number from 1 on")),
    };
    let (seconds, repeats) = (number("BENCH_SECONDS", "5")?, number("BENCH_REPEATS", "3")?);
    let base = std::path::absolute(text("BENCH_DIR", "target/bench-data"))?;
    let data = std::path::absolute(text("BENCH_IMPORT_DIR", "../shared/data"))?;
    let only = text("BENCH_ONLY", "");
    let known = || SCENARIOS.iter().map(|(name, _)| *name).chain(["start", "imports"]);
    if let Some(unknown) =
        only.split(',').map(str::trim).find(|part| !part.is_empty() && !known().any(|name| name == *part))
    {
        let names = known().collect::<Vec<_>>().join(", ");
        return Err(format!("BENCH_ONLY knows no {unknown:?}; it takes some of {names}").into());
    }
    let wanted = |name: &str| only.is_empty() || only.split(',').any(|part| part.trim() == name);
    let folder = shop::provide(&base, &scale)?;
    let mut bench =
        Bench { lines: Vec::new(), lasting: Duration::from_secs(u64::from(seconds)), repeats: repeats as usize };
    if wanted("start") {
        footprint::starts(&mut bench, &folder)?;
    }
    let cluster = shop::cluster(&folder)?;
    on_the_server(&mut bench, &cluster, &wanted)?;
    match data.is_dir() {
        true if wanted("imports") => imports::measure(&mut bench, &cluster, &data)?,
        true => {}
        false if !wanted("imports") => {}
        false => eprintln!("bench: {} doesn't exist (BENCH_IMPORT_DIR): imports are not measured", data.display()),
    }
    let size = size_of_shop(&cluster.url())?;
    drop(cluster);
    let latest = format!(
        "`BENCH_SCALE={scale} BENCH_SECONDS={seconds} BENCH_REPEATS={repeats}{} make bench`, {}, on {}.\n{size}\n\n{}",
        if only.is_empty() { String::new() } else { format!(" BENCH_ONLY={only}") },
        chrono::Utc::now().format("%Y-%m-%d %H:%M UTC"),
        machine::described(),
        table::table(&bench.lines),
    );
    writeln!(std::io::stdout(), "\n{latest}")?;
    // A part of it is no table to keep.
    if only.is_empty() {
        table::keep(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/benchmarks.md")), &latest)?;
    }
    Ok(())
}

/// Starts the program on the shop and runs the scenarios that are wanted.
fn on_the_server(bench: &mut Bench, cluster: &Cluster, wanted: &dyn Fn(&str) -> bool) -> Outcome<()> {
    let url = cluster.url();
    let mut conn = PgConnection::establish(&url)?;
    let visitor = shop::visitor(&mut conn)?;
    let own_folder = tempfile::tempdir()?;
    let server = Server::start(program().env("DATABASE_URL", &url).env("DATA_DIR", own_folder.path()))?;
    let (idle, _) = machine::memory(server.pid()).unwrap_or_default();
    let browser = Browser::signed_in(&server.address, &visitor)?;
    let mut stage = Stage { url: &url, conn, server, visitor, browser };
    for (name, measure) in SCENARIOS {
        if wanted(name) {
            measure(bench, &mut stage)?;
        }
    }
    footprint::measure(bench, &mut stage, idle)?;
    shop::forget_visitor(&mut stage.conn)
}

fn size_of_shop(url: &str) -> Outcome<String> {
    #[derive(QueryableByName)]
    struct Told {
        #[diesel(sql_type = diesel::sql_types::Text)]
        told: String,
    }
    let told: Told = diesel::sql_query(
        "SELECT concat('The shop: ', string_agg(to_char(n, 'FM999,999,999,999') || ' ' || noun, ', ' ORDER BY place), '; ',
             pg_size_pretty(pg_database_size(current_database())), ' on disk; PostgreSQL ',
             split_part(current_setting('server_version'), ' ', 1), '.') AS told
         FROM (VALUES
             (1, 'customers', (SELECT customers FROM store_totals)),
             (2, 'groups', (SELECT count(*) FROM groups)),
             (3, 'memberships', (SELECT sum(member_count) FROM groups)),
             (4, 'orders', (SELECT count(*) FROM orders)),
             (5, 'order lines (about)', (SELECT reltuples::bigint FROM pg_class WHERE oid = 'order_lines'::regclass)),
             (6, 'prices (about)', (SELECT reltuples::bigint FROM pg_class WHERE oid = 'price_list_entries'::regclass))
         ) counted (place, noun, n)",
    )
    .get_result(&mut PgConnection::establish(url)?)?;
    let load = machine::load().map_or_else(String::new, |load| format!(" Load average at the end: {load}."));
    Ok(told.told + &load)
}
