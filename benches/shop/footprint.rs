//! What the program takes: time to start, memory, bytes on disk and on the wire.

use crate::bench::{Bench, Stage};
use crate::floors::Outcome;
use crate::machine::{self, megabytes};
use crate::shop::{Server, large_group, program, program_path};
use crate::table::Line;
use crate::timing::{Run, Runs};
use std::path::Path;

/// How long the program takes to start on its own PostgreSQL with the shop in it.
pub fn starts(bench: &mut Bench, folder: &Path) -> Outcome<()> {
    let mut times = Vec::new();
    for _ in 0..bench.repeats {
        let server = Server::start(program().env("DATA_DIR", folder))?;
        times.push(Run { p50: server.started_in.as_secs_f64(), ..Run::default() });
    }
    let runs = Runs(times);
    let (least, most) = runs.between(|run| run.p50);
    bench.add(Line {
        scenario: "start with an existing database, PostgreSQL included".into(),
        ours: format!("{:.2} s", runs.p50()),
        spread: format!("{least:.2}–{most:.2} s"),
        goal: "< 1 s".into(),
        met: Some(runs.p50() < 1.0),
        ..Line::default()
    });
    Ok(())
}

/// What the server holds after everything that was measured on it. `idle`: what it held before, in bytes.
pub fn measure(bench: &mut Bench, stage: &mut Stage<'_>, idle: u64) -> Outcome<()> {
    let (_, most) = machine::memory(stage.server.pid()).unwrap_or_default();
    bench.fact("memory of the server, just started", megabytes(idle), "", None);
    bench.fact("memory of the server, at most under this load", megabytes(most), "≤ 100 MB", Some(most <= 100_000_000));
    bench.fact("size of the program", megabytes(machine::size(&program_path())), "", None);
    let large = large_group(&mut stage.conn)?;
    for (name, path) in [
        ("sign-in page", "/login".to_owned()),
        ("group list", "/groups".into()),
        ("overview", format!("/groups/{large}")),
    ] {
        let page = stage.browser.page("/groups")?;
        let files = stage.browser.files(&page).iter().map(|file| stage.browser.weight(file)).sum::<Outcome<usize>>()?;
        let own = stage.browser.weight(&path)?;
        let told = format!("{:.1} kB, and {:.0} kB of files kept for good", own as f64 / 1e3, files as f64 / 1e3);
        bench.fact(&format!("weight of the {name} (br)"), told, "", None);
    }
    Ok(())
}
