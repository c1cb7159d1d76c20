//! Campaigns as far as promotions ask for them: one that runs, and its segments (SPEC 8).

use super::window::{Phase, Window};
use crate::groups::group::Status;
use chrono::NaiveDate;
use std::collections::HashSet;
use uuid::Uuid;

/// A campaign that a promotion is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// An inactive campaign is off.
    pub status: Status,
    /// The days on which it holds.
    pub window: Window,
    /// The segments it is for, with their names; none = everyone.
    pub segments: Vec<(Uuid, String)>,
}

impl Campaign {
    /// What its status and window make of it on a store day.
    pub fn phase(&self, day: NaiveDate) -> Phase {
        Phase::of(self.status, self.window, day)
    }
}

/// What a promotion's campaigns say of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Nothing stands in the way.
    Open,
    /// None of them, named here, runs.
    NoneRuns(Vec<String>),
    /// The customer is in none of the segments of those that run, named here.
    NotInSegments(Vec<String>),
}

/// A promotion in campaigns needs one of them running and, if that one has segments, the customer in at least one of its
/// segments. `segments` are those that the customer is in.
pub fn gate(campaigns: &[Campaign], segments: &HashSet<Uuid>, day: NaiveDate) -> Gate {
    let running: Vec<&Campaign> = running(campaigns, day).collect();
    let is_open = |campaign: &&Campaign| {
        campaign.segments.is_empty() || campaign.segments.iter().any(|(id, _)| segments.contains(id))
    };
    if campaigns.is_empty() || running.iter().any(is_open) {
        return Gate::Open;
    }
    if running.is_empty() {
        return Gate::NoneRuns(campaigns.iter().map(|campaign| campaign.name.clone()).collect());
    }
    let mut names: Vec<String> =
        running.iter().flat_map(|campaign| &campaign.segments).map(|(_, name)| name.clone()).collect();
    names.sort();
    names.dedup();
    Gate::NotInSegments(names)
}

/// The campaigns that run on a store day.
pub fn running(campaigns: &[Campaign], day: NaiveDate) -> impl Iterator<Item = &Campaign> {
    campaigns.iter().filter(move |campaign| campaign.phase(day).runs())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `name status from to segments`, the segments by number.
    fn campaign(text: &str) -> Campaign {
        let parts: Vec<&str> = text.split(' ').collect();
        Campaign {
            id: Uuid::nil(),
            name: parts[0].into(),
            status: Status::from_name(parts[1]).unwrap(),
            window: Window::read(parts[2], parts[3], &mut Vec::new()),
            segments: parts[4..]
                .iter()
                .map(|n| (Uuid::from_u128(n.parse().unwrap()), format!("Segment {n}")))
                .collect(),
        }
    }

    #[test]
    fn a_promotion_in_campaigns_needs_one_of_them_running_and_the_customer_in_one_of_its_segments() {
        let none_runs = |names: &[&str]| Gate::NoneRuns(names.iter().map(|name| (*name).to_owned()).collect());
        let not_in = |names: &[&str]| Gate::NotInSegments(names.iter().map(|name| (*name).to_owned()).collect());
        for (campaigns, segments, gate_is) in [
            (&[][..], &[][..], Gate::Open),
            (&["spring active 2026-03-01 2026-03-31"], &[], Gate::Open),
            (&["spring active  "], &[], Gate::Open),
            (&["spring inactive  "], &[], none_runs(&["spring"])),
            (&["spring active 2026-04-01 ", "old active  2026-03-09"], &[], none_runs(&["spring", "old"])),
            (&["spring active   1 2"], &[1], Gate::Open),
            (&["spring active   1 2"], &[2], Gate::Open),
            (&["spring active   1 2"], &[3], not_in(&["Segment 1", "Segment 2"])),
            // The segments of a campaign that doesn't run don't help, and one without segments is for everyone.
            (&["spring active   1", "old inactive   3"], &[3], not_in(&["Segment 1"])),
            (&["spring active   1", "open active  "], &[], Gate::Open),
            (&["spring active   1", "open inactive  "], &[], not_in(&["Segment 1"])),
        ] {
            let campaigns: Vec<Campaign> = campaigns.iter().map(|text| campaign(text)).collect();
            let segments = segments.iter().map(|n| Uuid::from_u128(*n)).collect();
            assert_eq!(gate(&campaigns, &segments, "2026-03-10".parse().unwrap()), gate_is, "{campaigns:?}");
        }
    }
}
