//! A group's report: its metrics beside those of all customers and of the preceding period.

use super::metrics::{Figures, Ground, Metrics, Month};
use super::period::Period;

/// A group's figures as they are shown, exported and answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The period.
    pub period: Period,
    /// Distinct customers in the group now.
    pub members: i64,
    /// What the metrics are made of.
    pub ground: Ground,
    /// In the period.
    pub metrics: Metrics,
    /// Of all customers in the period.
    pub baseline: Metrics,
    /// In the preceding period.
    pub previous: Metrics,
    /// By month.
    pub trend: Vec<Month>,
    /// Members who bought in the preceding period and not in this one.
    pub at_risk: i64,
}

impl Report {
    /// The report of a group's figures among those of all customers.
    pub fn of(period: Period, own: Figures, everyone: &Figures) -> Self {
        let before = period.preceding();
        Self {
            members: own.now.members,
            ground: own.now,
            metrics: Metrics::of(&own.now, &everyone.now.sums, &period),
            baseline: Metrics::of(&everyone.now, &everyone.now.sums, &period),
            previous: Metrics::of(&own.before, &everyone.before.sums, &before),
            at_risk: own.now.returned.before - own.now.returned.again,
            trend: own.trend,
            period,
        }
    }
}
