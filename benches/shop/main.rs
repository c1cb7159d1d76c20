//! `make bench`: how fast the program is on a large shop, and how far from the floor (docs/benchmarks.md).
//!
//! A floor is the leanest hand-written SQL that gives the same data, prepared, on the same database, through the same
//! client library, at the same concurrency, in the same run. Nothing fails on a time; a wrong answer fails.

mod floors;
mod imports;
mod machine;
mod shop;
mod table;
mod timing;
mod visit;

use clientele::schema::groups;
use diesel::prelude::*;
use floors::{Outcome, Wanted};
use machine::megabytes;
use shop::{Server, program, program_path};
use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;
use table::Line;
use timing::{Request, Run, Runs};
use uuid::Uuid;
use visit::Browser;

/// Connections of the API's scenario.
const CALLERS: usize = 16;

fn main() -> Outcome<()> {
    // `cargo test --benches` and `cargo bench -- --list` ask for tests; here are none.
    if env::args().any(|argument| argument == "--list" || argument == "--test") {
        return Ok(());
    }
    let text =
        |name: &str, default: &str| env::var(name).ok().filter(|v| !v.is_empty()).unwrap_or_else(|| default.into());
    let scale = text("BENCH_SCALE", "1");
    let seconds: u64 = text("BENCH_SECONDS", "5").parse().map_err(|_| "BENCH_SECONDS is not a whole number")?;
    let repeats: usize = text("BENCH_REPEATS", "3").parse().map_err(|_| "BENCH_REPEATS is not a whole number")?;
    let base = std::path::absolute(text("BENCH_DIR", "target/bench-data"))?;
    let data = PathBuf::from(text("BENCH_IMPORT_DIR", "../shared/data"));
    let folder = shop::provide(&base, &scale)?;
    let mut bench = Bench { lines: Vec::new(), lasting: Duration::from_secs(seconds.max(1)), repeats: repeats.max(1) };
    bench.starts(&folder)?;
    let cluster = shop::cluster(&folder)?;
    bench.server(&cluster.url())?;
    match data.is_dir() {
        true => bench.imports(&cluster, &data)?,
        false => eprintln!("bench: {} doesn't exist (BENCH_IMPORT_DIR): imports are not measured", data.display()),
    }
    let size = size_of_shop(&cluster.url())?;
    drop(cluster);
    let latest = format!(
        "`BENCH_SCALE={scale} BENCH_SECONDS={seconds} BENCH_REPEATS={repeats} make bench`, {}, on {}.\n{size}\n\n{}",
        chrono::Utc::now().format("%Y-%m-%d %H:%M UTC"),
        machine::described(),
        table::table(&bench.lines),
    );
    use std::io::Write;
    writeln!(std::io::stdout(), "\n{latest}")?;
    table::keep(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/benchmarks.md")), &latest)
}

fn size_of_shop(url: &str) -> Outcome<String> {
    #[derive(QueryableByName)]
    struct Told {
        #[diesel(sql_type = diesel::sql_types::Text)]
        told: String,
    }
    let told: Told = diesel::sql_query(
        "SELECT format('The shop: %s customers, %s groups, %s memberships, %s orders, about %s order lines and %s prices; \
         %s on disk; PostgreSQL %s.',
             t.customers, (SELECT count(*) FROM groups), (SELECT sum(member_count) FROM groups),
             (SELECT count(*) FROM orders),
             (SELECT reltuples::bigint FROM pg_class WHERE oid = 'order_lines'::regclass),
             (SELECT reltuples::bigint FROM pg_class WHERE oid = 'price_list_entries'::regclass),
             pg_size_pretty(pg_database_size(current_database())), split_part(current_setting('server_version'), ' ', 1))
             AS told FROM store_totals t",
    )
    .get_result(&mut PgConnection::establish(url)?)?;
    let load = machine::load().map_or_else(String::new, |load| format!(" Load average at the end: {load}."));
    Ok(told.told + &load)
}

/// What has been measured so far.
struct Bench {
    lines: Vec<Line>,
    lasting: Duration,
    /// Of each measurement.
    repeats: usize,
}

/// The work of a floor.
type Floor<'a> = &'a (dyn Fn(&mut PgConnection) -> Outcome<()> + Sync);

impl Bench {
    fn add(&mut self, line: Line) {
        eprintln!("bench: {}: ours {}, floor {}", line.scenario, line.ours, line.floor);
        self.lines.push(line);
    }

    fn fact(&mut self, scenario: &str, ours: String, goal: &str, met: Option<bool>) {
        self.add(Line { scenario: scenario.into(), ours, goal: goal.into(), met, ..Line::default() });
    }

    /// How long the program takes to start on its own PostgreSQL with the shop in it.
    fn starts(&mut self, folder: &Path) -> Outcome<()> {
        let mut times = Vec::new();
        for _ in 0..self.repeats {
            let server = Server::start(program().env("DATA_DIR", folder))?;
            times.push(Run { p50: server.started_in.as_secs_f64(), ..Run::default() });
        }
        let runs = Runs(times);
        let (least, most) = runs.between(|run| run.p50);
        self.add(Line {
            scenario: "start with an existing database, PostgreSQL included".into(),
            ours: format!("{:.2} s", runs.p50()),
            spread: format!("{least:.2}–{most:.2} s"),
            goal: "< 1 s".into(),
            met: Some(runs.p50() < 1.0),
            ..Line::default()
        });
        Ok(())
    }

    fn server(&mut self, url: &str) -> Outcome<()> {
        let mut conn = PgConnection::establish(url)?;
        let visitor = shop::visitor(&mut conn)?;
        let own_folder = tempfile::tempdir()?;
        let server = Server::start(program().env("DATABASE_URL", url).env("DATA_DIR", own_folder.path()))?;
        let (idle, _) = machine::memory(server.pid()).unwrap_or_default();
        let browser = Browser::signed_in(&server.address, &visitor)?;
        self.pages(url, &mut conn, &browser)?;
        self.sign_in(url, &browser, &visitor)?;
        self.api(url, &mut conn, &browser, &visitor)?;
        let (_, most) = machine::memory(server.pid()).unwrap_or_default();
        self.fact("memory of the server, just started", megabytes(idle), "", None);
        self.fact(
            "memory of the server, at most under this load",
            megabytes(most),
            "≤ 100 MB",
            Some(most <= 100_000_000),
        );
        self.fact("size of the program", megabytes(machine::size(&program_path())), "", None);
        let large = shop::large_group(&mut conn)?;
        for (name, path) in [
            ("sign-in page", "/login".to_owned()),
            ("group list", "/groups".into()),
            ("overview", format!("/groups/{large}")),
        ] {
            let page = browser.page("/groups")?;
            let files = browser.files(&page).iter().map(|file| browser.weight(file)).sum::<Outcome<usize>>()?;
            let own = browser.weight(&path)?;
            let told = format!("{:.1} kB, and {:.0} kB of files kept for good", own as f64 / 1e3, files as f64 / 1e3);
            self.fact(&format!("weight of the {name} (br)"), told, "", None);
        }
        drop(server);
        diesel::sql_query("DELETE FROM users WHERE email = 'bench@example.com'").execute(&mut conn)?;
        diesel::sql_query("DELETE FROM tokens WHERE name = 'bench@example.com'").execute(&mut conn)?;
        Ok(())
    }

    fn pages(&mut self, url: &str, conn: &mut PgConnection, browser: &Browser) -> Outcome<()> {
        let session = session_id(conn)?;
        let large = shop::large_group(conn)?;
        let deep = deep_place(conn)?;
        let deep_path = page_after(&deep);
        let lists: [(&str, String, Wanted); 4] = [
            ("group list, first page", "/groups".into(), Wanted::First),
            ("group list, search \"nordic\"", "/groups?q=nordic".into(), Wanted::Search("nordic")),
            ("group list, by customers", "/groups?sort=-customers".into(), Wanted::ByCustomers),
            ("group list, a deep page", deep_path, Wanted::After(deep.0.to_lowercase(), deep.1)),
        ];
        for (name, path, wanted) in &lists {
            let page = browser.page(path)?;
            let rows = floors::rows(conn, wanted)?;
            same_groups(&page, &rows, name)?;
            // Where the page brings the revenue along, so does the floor.
            let revenue = !page.contains("part=revenue");
            let plain = !path.contains("q=");
            let floor = |conn: &mut PgConnection| {
                std::hint::black_box(floors::session(conn, &session)?);
                let rows = floors::rows(conn, wanted)?;
                let ids: Vec<Uuid> = rows.iter().take(50).map(|row| row.id).collect();
                std::hint::black_box(floors::levels(conn, &ids)?);
                if revenue {
                    std::hint::black_box(floors::revenue(conn, &ids)?);
                }
                match plain {
                    true => drop(std::hint::black_box(floors::totals(conn)?)),
                    false => drop(std::hint::black_box(floors::around(conn)?)),
                }
                Ok(())
            };
            self.page(url, name, &browser.request(path), &floor)?;
        }
        let path = format!("/groups/{large}");
        let page = browser.page(&path)?;
        let members = floors::members(conn, large)?;
        let (count, name): (i32, String) =
            groups::table.find(large).select((groups::member_count, groups::name)).first(conn)?;
        let counted = clientele::money::format_count(i64::from(count));
        for wanted in
            [counted.as_str(), name.as_str()].into_iter().chain(members.iter().take(25).map(|m| m.code.as_str()))
        {
            if !page.contains(wanted) {
                return Err(format!("the overview of {name} doesn't say {wanted}").into());
            }
        }
        let floor = |conn: &mut PgConnection| {
            std::hint::black_box(floors::session(conn, &session)?);
            std::hint::black_box(floors::details(conn, large)?);
            std::hint::black_box(floors::members(conn, large)?);
            std::hint::black_box(floors::related(conn, large)?);
            Ok(())
        };
        self.page(url, &format!("overview of a group with {counted} members"), &browser.request(&path), &floor)
    }

    /// A page against its floor, one request after the other.
    fn page(&mut self, url: &str, name: &str, request: &Request, floor: Floor<'_>) -> Outcome<()> {
        let (ours, floor) = self
            .runs(|lasting| timing::requests(request, 1, lasting), |lasting| timing::queries(url, 1, lasting, floor))?;
        let ratio = ours.p50() / floor.p50();
        self.add(Line {
            scenario: name.into(),
            met: Some(ratio <= 3.0 && ours.p50() < 10.0),
            goal: "≤ 3 × and p50 < 10 ms".into(),
            ..latencies(&ours, &floor)
        });
        Ok(())
    }

    fn sign_in(&mut self, url: &str, browser: &Browser, visitor: &shop::Visitor) -> Outcome<()> {
        let key = |_: &mut PgConnection| Uuid::now_v7().as_bytes().to_vec();
        let floor = |conn: &mut PgConnection| {
            let key = key(conn);
            floors::sign_in(conn, visitor.email, &key)
        };
        let (ours, floor) = self.runs(
            |lasting| timing::requests(&browser.sign_in, 1, lasting),
            |lasting| timing::queries(url, 1, lasting, &floor),
        )?;
        let hash = clientele::auth::password::hash(&visitor.password)?;
        let start = std::time::Instant::now();
        for _ in 0..10 {
            if !clientele::auth::password::verify(&visitor.password, Some(&hash)) {
                return Err("a password is not known again".into());
            }
        }
        let slow = start.elapsed().as_secs_f64() * 100.0;
        self.add(Line { scenario: format!("sign-in (argon2 alone takes {slow:.1} ms)"), ..latencies(&ours, &floor) });
        Ok(())
    }

    fn api(&mut self, url: &str, conn: &mut PgConnection, browser: &Browser, visitor: &shop::Visitor) -> Outcome<()> {
        let id = shop::large_group(conn)?;
        let path = format!("/admin/pricing/customer-groups/{id}");
        let answer = browser.api(&path, &visitor.token)?;
        let (name, members): (String, i32) =
            groups::table.find(id).select((groups::name, groups::member_count)).first(conn)?;
        if answer["name"] != name || answer["memberCount"] != members || answer["id"] != id.to_string() {
            return Err(format!("the API's group is not the stored one: {answer}").into());
        }
        let request = Request {
            url: format!("{}{path}", browser.address),
            headers: vec![("Authorization".into(), format!("Bearer {}", visitor.token))],
            form: None,
        };
        let hash: String = visitor.token_hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let script = format!(
            "SELECT id, name, role, created_by, created_at, last_used_on FROM tokens WHERE token_hash = '\\x{hash}' AND revoked_at IS NULL;\n\
             SELECT id, code, name, description, status, type, parent_id, capacity, metadata, rule, member_count, version, created_at, updated_at, deleted_at FROM groups WHERE id = '{id}';\n"
        );
        let (ours, floor) = self.runs(
            |lasting| timing::requests(&request, CALLERS, lasting),
            |lasting| timing::pgbench(url, &script, CALLERS, lasting),
        )?;
        let ratio = ours.per_second() / floor.per_second();
        let told = |runs: &Runs| format!("{:.0}/s ({:.1}, {:.1} ms)", runs.per_second(), runs.p50(), runs.p99());
        let (least, most) = ours.between(|run| run.per_second);
        self.add(Line {
            scenario: format!("API: one group, {CALLERS} connections (floor: pgbench)"),
            ours: told(&ours),
            floor: told(&floor),
            ratio: format!("{ratio:.2} ×"),
            spread: format!("{least:.0}–{most:.0}/s"),
            goal: "≥ 0.5 × pgbench".into(),
            met: Some(ratio >= 0.5),
        });
        Ok(())
    }

    /// Ours and the floor in turns, so that whatever else the machine does meets both.
    fn runs(
        &self,
        ours: impl Fn(Duration) -> Outcome<Run>,
        floor: impl Fn(Duration) -> Outcome<Run>,
    ) -> Outcome<(Runs, Runs)> {
        // What is cold or not yet prepared is no part of it.
        ours(Duration::from_secs(1))?;
        let mut all = (Vec::new(), Vec::new());
        for _ in 0..self.repeats {
            all.0.push(ours(self.lasting)?);
            all.1.push(floor(self.lasting)?);
        }
        Ok((Runs(all.0), Runs(all.1)))
    }

    fn imports(&mut self, cluster: &clientele::db::cluster::Cluster, data: &Path) -> Outcome<()> {
        let mut whole = 0;
        for set in [&imports::WWI, &imports::ONLINE_RETAIL] {
            let (mut ours, mut floor, mut rows) = (Vec::new(), Vec::new(), 0);
            for _ in 0..self.repeats {
                let (one, other) = imports::measure(cluster, data, set)?;
                whole = one.memory;
                rows = one.rows;
                let rate = |taken: &imports::Taken| Run {
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
            self.add(Line {
                scenario: format!(
                    "import of {}, {} rows (floor: COPY)",
                    set.name,
                    clientele::money::format_count(rows)
                ),
                ours: told(&ours),
                floor: told(&floor),
                ratio: format!("{ratio:.2} ×"),
                spread: format!("{least:.2}–{most:.2} s"),
                goal: "≥ 0.3 × COPY".into(),
                met: Some(ratio >= 0.3),
            });
        }
        let quarter = imports::memory_of_a_quarter(cluster, data)?;
        imports::drop_database(cluster)?;
        let flat = whole as f64 <= quarter as f64 * 1.25;
        let told = format!("{}; {} for a quarter of it", megabytes(whole), megabytes(quarter));
        self.fact("memory of the Online Retail import", told, "flat (≤ 1.25 × a quarter's)", Some(flat));
        Ok(())
    }
}

/// Medians and worst hundredths of both, in milliseconds.
fn latencies(ours: &Runs, floor: &Runs) -> Line {
    let told = |runs: &Runs| format!("{:.2}, {:.2} ms", runs.p50(), runs.p99());
    let (least, most) = ours.between(|run| run.p50);
    Line {
        ours: told(ours),
        floor: told(floor),
        ratio: format!("{:.1} ×", ours.p50() / floor.p50()),
        spread: format!("{least:.2}–{most:.2} ms"),
        ..Line::default()
    }
}

/// The stored id of the session that was made last.
fn session_id(conn: &mut PgConnection) -> Outcome<Vec<u8>> {
    use clientele::schema::sessions;
    Ok(sessions::table.select(sessions::id).order(sessions::created_at.desc()).first(conn)?)
}

/// The name and id of the group in the middle of the list.
fn deep_place(conn: &mut PgConnection) -> Outcome<(String, Uuid)> {
    let count: i64 = groups::table.count().get_result(conn)?;
    let by_name = diesel::dsl::sql::<diesel::sql_types::Text>("lower(name)");
    Ok(groups::table.select((groups::name, groups::id)).order(by_name).offset(count / 2).first(conn)?)
}

/// The address of the page after a group, as the list itself writes it. Whether it is that page is proved with the
/// others.
fn page_after((name, id): &(String, Uuid)) -> String {
    let cursor = serde_json::json!({ "key": "", "name": name.to_lowercase(), "id": id }).to_string();
    format!("/groups?after={}", base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, cursor))
}

/// The page shows exactly these groups in this order.
fn same_groups(page: &str, rows: &[floors::Row], name: &str) -> Outcome<()> {
    let shown: Vec<&str> =
        page.split(r#"class="main-link" href="/groups/"#).skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let wanted: Vec<String> = rows.iter().take(50).map(|row| row.id.to_string()).collect();
    if shown != wanted {
        return Err(format!("{name}: the page shows {shown:?}, SQL gives {wanted:?}").into());
    }
    for row in rows.iter().take(50) {
        let escaped = row.name.replace('&', "&#38;");
        if !page.contains(&escaped) || !page.contains(&row.code) {
            return Err(format!("{name}: {} is missing", row.name).into());
        }
    }
    Ok(())
}
