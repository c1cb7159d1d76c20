//! Lines of an order as promotions see them, from what the resolver of prices says (SPEC 7, 8).

use super::amounts::Line;
use crate::inheritance::effective::stacks_with_promotions;
use crate::inheritance::level::Levels;
use crate::pricing::resolve::Resolution;

/// A line of so many units; `None` where nothing prices it. The group that won decides whether promotions come on top; a
/// base price is nobody's, and they do.
pub fn line(resolution: &Resolution<'_>, quantity: i32, levels: &Levels) -> Option<Line> {
    let winner = resolution.winner().and_then(|step| step.group);
    Some(Line {
        quantity,
        base_total: resolution.base_price.map(|price| price.saturating_mul(i64::from(quantity))),
        group_total: resolution.line_total(quantity)?,
        group_stacks: winner.is_none_or(|group| stacks_with_promotions(levels, group.id)),
    })
}
