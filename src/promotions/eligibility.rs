//! Whether a promotion may apply to an order at all, before promotions compete (SPEC 8).

use super::campaigns::{Gate, gate, running};
use super::promotion::{Offer, Promotion};
use super::targeting::{Reach, reach};
use super::verdict::Verdict;
use crate::inheritance::level::Levels;
use chrono::NaiveDate;
use std::collections::HashSet;
use uuid::Uuid;

/// Who asks, and when.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The store day asked about; it moves the windows.
    pub day: NaiveDate,
    /// All live groups.
    pub levels: &'a Levels,
    /// The groups that count for the customer; none for a guest.
    pub counting: &'a [Uuid],
    /// The segments that the customer is in.
    pub segments: &'a HashSet<Uuid>,
}

/// What is ordered, as far as it decides whether a promotion may apply.
#[derive(Clone, Copy, Debug)]
pub struct Ordered {
    /// Σ group price × quantity before promotions, minor units.
    pub subtotal: i64,
    /// Whether any line counts.
    pub has_lines: bool,
    /// Whether the order is in the store's currency.
    pub in_store_currency: bool,
}

/// Why a promotion isn't for a customer on that day, whatever is ordered.
pub fn not_for(promotion: &Promotion, asker: &Asker<'_>) -> Option<Verdict> {
    if let Some(verdict) = Verdict::of_phase(promotion.phase(asker.day)) {
        return Some(verdict);
    }
    match gate(&promotion.campaigns, asker.segments, asker.day) {
        Gate::Open => {}
        Gate::NoneRuns(names) => return Some(Verdict::NoCampaignRuns(names)),
        Gate::NotInSegments(names) => return Some(Verdict::NotInSegments(names)),
    }
    let name = |id: Uuid| asker.levels.get(&id).map(|level| level.name.clone()).unwrap_or_default();
    match reach(&promotion.targets, asker.levels, asker.counting) {
        Reach::Everyone | Reach::Through { .. } => {}
        Reach::WithoutGroups => return Some(Verdict::WithoutGroups),
        Reach::NotIn => return Some(Verdict::NotTargeted),
        Reach::Excluded { group, target } => {
            return Some(Verdict::Excluded { group: name(group), target: name(target) });
        }
    }
    match &promotion.offer {
        Offer::FreeItem(item) if !item.active => Some(Verdict::FreeItemGone(item.name.clone())),
        _ => None,
    }
}

/// Why a promotion is for a customer for whom it is, as a sentence without its full stop.
pub fn is_for(promotion: &Promotion, asker: &Asker<'_>) -> String {
    let name = |id: Uuid| asker.levels.get(&id).map(|level| level.name.clone()).unwrap_or_default();
    let mut why = match reach(&promotion.targets, asker.levels, asker.counting) {
        Reach::Through { group, target } if group == target => format!("For {}, which counts", name(group)),
        Reach::Through { group, target } => format!("For {}, in which {} stands", name(target), name(group)),
        _ => "For everyone".to_owned(),
    };
    let opens = running(&promotion.campaigns, asker.day).find_map(|campaign| {
        let segment = campaign.segments.iter().find(|(id, _)| asker.segments.contains(id));
        (campaign.segments.is_empty() || segment.is_some()).then_some((campaign, segment))
    });
    if let Some((campaign, segment)) = opens {
        why.push_str(&format!("; by the campaign {}", campaign.name));
        if let Some((_, segment)) = segment {
            why.push_str(&format!(" for the segment {segment}"));
        }
    }
    why
}

/// Why a promotion doesn't apply to an order of a customer for whom it is.
pub fn not_on(promotion: &Promotion, ordered: &Ordered) -> Option<Verdict> {
    if !ordered.has_lines {
        return Some(Verdict::NothingOrdered);
    }
    let counts_money = promotion.offer.is_amount() || promotion.minimum_purchase.is_some_and(|minimum| minimum > 0);
    if counts_money && !ordered.in_store_currency {
        return Some(Verdict::OtherCurrency);
    }
    let minimum = promotion.minimum_purchase.unwrap_or(0);
    let missing = minimum - ordered.subtotal;
    (missing > 0).then_some(Verdict::BelowMinimum { minimum, missing })
}
