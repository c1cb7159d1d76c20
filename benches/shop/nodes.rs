//! Several processes on one database: what a customer pays, asked of three of them at once, against one.

use crate::bench::{Bench, Stage};
use crate::floors::Outcome;
use crate::shop::{Server, program};
use crate::store::{self, CALLERS};
use crate::table::Line;
use crate::timing::{self, Request, Run, Runs};
use std::thread;
use std::time::Duration;

/// Nodes, the one included that all other scenarios ask.
const NODES: usize = 3;

/// As many callers in all, so that whatever differs comes from there being more processes on the same cores.
pub fn measure(bench: &mut Bench, stage: &mut Stage<'_>) -> Outcome<()> {
    let (mut shop, asked) = store::asking(stage)?;
    let alone = shop.request(&[&asked.sku], false);
    let folders = (1..NODES).map(|_| tempfile::tempdir()).collect::<Result<Vec<_>, _>>()?;
    let start = |folder: &tempfile::TempDir| {
        Server::start(program().env("DATABASE_URL", stage.url).env("DATA_DIR", folder.path()))
    };
    let others = folders.iter().map(start).collect::<Outcome<Vec<_>>>()?;
    let mut nodes = vec![alone.clone()];
    for other in &others {
        shop.url.clone_from(&other.address);
        nodes.push(shop.request(&[&asked.sku], false));
    }
    // A node reads all settings for its first answer.
    for node in &nodes {
        timing::requests(node, 1, Duration::from_secs(2))?;
    }
    let (three, one) =
        bench.runs(|lasting| together(&nodes, lasting), |lasting| timing::requests(&alone, CALLERS, lasting))?;
    let ratio = three.per_second() / one.per_second();
    let told = |runs: &Runs| format!("{:.0}/s ({:.1}, {:.1} ms)", runs.per_second(), runs.p50(), runs.p99());
    let (least, most) = three.between(|run| run.per_second);
    bench.add(Line {
        scenario: format!("price of one item from {NODES} nodes, {CALLERS} connections (floor: one node)"),
        ours: told(&three),
        floor: told(&one),
        ratio: format!("{ratio:.2} ×"),
        spread: format!("{least:.0}–{most:.0}/s"),
        goal: "no loss (≥ 0.9 ×)".into(),
        met: Some(ratio >= 0.9),
    });
    Ok(())
}

/// All nodes at the same time: their rates in sum, and the times of the slowest.
fn together(nodes: &[Request], lasting: Duration) -> Outcome<Run> {
    let callers = |at: usize| CALLERS / nodes.len() + usize::from(at < CALLERS % nodes.len());
    let runs = thread::scope(|scope| {
        let asked = nodes.iter().enumerate();
        let threads: Vec<_> =
            asked.map(|(at, node)| scope.spawn(move || timing::requests(node, callers(at), lasting))).collect();
        let ended = threads.into_iter().map(|thread| thread.join().map_err(|_| "a measuring thread panicked")?);
        ended.collect::<Outcome<Vec<Run>>>()
    })?;
    let slowest = |of: fn(&Run) -> f64| runs.iter().map(of).fold(0.0, f64::max);
    Ok(Run {
        p50: slowest(|run| run.p50),
        p99: slowest(|run| run.p99),
        per_second: runs.iter().map(|run| run.per_second).sum(),
    })
}
