//! What every scenario measures with: ours and the floor in turns, and the lines that come of it.

use crate::floors::Outcome;
use crate::shop::{Server, Visitor};
use crate::table::Line;
use crate::timing::{self, Request, Run, Runs};
use crate::visit::Browser;
use diesel::prelude::*;
use std::time::Duration;

/// What scenarios measure on: the shop in its database, and the program that serves it.
pub struct Stage<'a> {
    pub url: &'a str,
    pub conn: PgConnection,
    pub server: Server,
    pub visitor: Visitor,
    pub browser: Browser,
}

/// What has been measured so far.
pub struct Bench {
    pub lines: Vec<Line>,
    pub lasting: Duration,
    /// Of each measurement.
    pub repeats: usize,
}

/// The work of a floor.
pub type Floor<'a> = &'a (dyn Fn(&mut PgConnection) -> Outcome<()> + Sync);

/// What is wanted of a page, as the issues have it.
#[derive(Clone, Copy, Debug)]
pub enum PageGoal {
    /// At most three times its floor, and quick.
    TimesAndMilliseconds,
    /// At most three times its floor.
    Times,
    /// Something that another line says.
    Elsewhere,
}

impl Bench {
    pub fn add(&mut self, line: Line) {
        eprintln!("bench: {}: ours {}, floor {}", line.scenario, line.ours, line.floor);
        self.lines.push(line);
    }

    /// A figure without a floor.
    pub fn fact(&mut self, scenario: &str, ours: String, goal: &str, met: Option<bool>) {
        self.add(Line { scenario: scenario.into(), ours, goal: goal.into(), met, ..Line::default() });
    }

    /// A page against its floor, one request after the other.
    pub fn page(
        &mut self,
        stage: &Stage<'_>,
        name: &str,
        request: &Request,
        floor: Floor<'_>,
        goal: PageGoal,
    ) -> Outcome<()> {
        let (ours, floor) = self.runs(
            |lasting| timing::requests(request, 1, lasting),
            |lasting| timing::queries(stage.url, 1, lasting, floor),
        )?;
        let ratio = ours.p50() / floor.p50();
        self.add(Line {
            scenario: name.into(),
            met: match goal {
                PageGoal::TimesAndMilliseconds => Some(ratio <= 3.0 && ours.p50() < 10.0),
                PageGoal::Times => Some(ratio <= 3.0),
                PageGoal::Elsewhere => None,
            },
            goal: match goal {
                PageGoal::TimesAndMilliseconds => "≤ 3 × and p50 < 10 ms",
                PageGoal::Times => "≤ 3 ×",
                PageGoal::Elsewhere => "",
            }
            .into(),
            ..latencies(&ours, &floor)
        });
        Ok(())
    }

    /// Ours and the floor in turns, so that whatever else the machine does meets both.
    pub fn runs(
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
}

/// Medians and worst hundredths of both, in milliseconds.
pub fn latencies(ours: &Runs, floor: &Runs) -> Line {
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
