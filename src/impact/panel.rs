//! The panel that shows an impact, beside the form of the change or on its confirmation page.

use super::prices::{PriceImpact, Swing};
use super::store::assess::{Exposure, Impact};
use super::store::{MOST_BOUGHT, NEWEST};
use super::touched::TouchedGroup;
use crate::money::{Currency, format_count, format_percent};
use crate::web::format::{counted, filters};
use askama::Template;

/// How many groups the panel names.
const NAMED: usize = 8;

/// An impact in words. Goes into `#impact`.
#[derive(Debug, Template)]
#[template(path = "impact/panel.html")]
pub struct Panel {
    /// What it is the impact of; `None` where nothing was asked yet or the form can't be read.
    pub impact: Option<Impact>,
    /// What amounts are in.
    pub currency: Currency,
    /// Says that this impact was seen, when the form is sent: a digest of what was asked.
    pub reviewed: String,
    /// Where the panel is asked for again as the form changes; empty for nowhere.
    pub refresh: String,
}

impl Panel {
    /// A panel that waits for a change.
    pub fn waiting(currency: Currency, refresh: String) -> Self {
        Self { impact: None, currency, reviewed: String::new(), refresh }
    }

    fn groups<'a>(&self, impact: &'a Impact) -> String {
        let felt: Vec<&'a TouchedGroup> = impact.groups.iter().collect();
        let mut names: Vec<&str> = felt.iter().take(NAMED).map(|group| group.name.as_str()).collect();
        let more = felt.len().saturating_sub(NAMED);
        let rest = format!("{} more", format_count(i64::try_from(more).unwrap_or(i64::MAX)));
        if more > 0 {
            names.push(&rest);
        }
        names.join(", ")
    }

    fn sample(&self, prices: &PriceImpact) -> String {
        let count = |n: usize, one: &str, many: &str| counted(i64::try_from(n).unwrap_or(i64::MAX), one, many);
        format!(
            "Sample: {} (up to {MOST_BOUGHT} who bought most and the {NEWEST} newest) × {}, one unit each, today.",
            count(prices.customers, "customer", "customers"),
            count(prices.products, "product", "products"),
        )
    }

    fn margin(&self, prices: &PriceImpact) -> Option<String> {
        let (before, after) = (prices.margin_before?, prices.margin_after?);
        Some(format!("{} → {}", format_percent(before), format_percent(after)))
    }

    fn share(&self, swing: &Swing) -> Option<String> {
        let plus = if swing.after > swing.before { "+" } else { "" };
        swing.percent().map(|percent| format!("{plus}{}", format_percent(percent)).replace('-', "\u{2212}"))
    }

    fn exposure(&self, exposure: &Exposure) -> Vec<(&'static str, String, String)> {
        let mut lines = Vec::new();
        if exposure.before != exposure.after {
            let amount = |amount| self.currency.format(amount);
            lines.push(("Sum of credit limits", amount(exposure.before), amount(exposure.after)));
        }
        if exposure.unlimited_before != exposure.unlimited_after {
            let customers = |n| counted(n, "customer", "customers");
            lines.push((
                "Without a credit limit",
                customers(exposure.unlimited_before),
                customers(exposure.unlimited_after),
            ));
        }
        lines
    }
}
