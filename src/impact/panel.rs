//! The panel that shows an impact, beside the form of the change or on its confirmation page.

use super::prices::{PriceImpact, Swing};
use super::store::assess::{Exposure, Impact};
use super::store::{MOST_BOUGHT, NEWEST};
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
    /// There is one, and it is fetched after the page: it takes a while.
    pub comes_later: bool,
}

/// An impact in a line or two, for a price among many. Goes into the element with its id.
#[derive(Debug, Template)]
#[template(path = "impact/brief.html")]
pub struct Brief {
    /// The element's id.
    pub id: String,
    /// `None` where nothing was asked yet or the form can't be read.
    pub impact: Option<Impact>,
    /// What amounts are in.
    pub currency: Currency,
    /// Where it is asked for again as the form changes; empty for nowhere.
    pub refresh: String,
}

impl Brief {
    fn whom(&self, impact: &Impact) -> String {
        let named = names(impact);
        let besides = besides(impact).map(|besides| format!(" ({besides})")).unwrap_or_default();
        format!("{}{besides}: {named}", customers(impact))
    }

    fn prices(&self, impact: &Impact) -> String {
        let Some(prices) = impact.prices.as_ref().filter(|prices| !prices.is_nothing()) else {
            return "No price of the sample changes.".into();
        };
        let mut parts = Vec::new();
        for (count, what) in [
            (prices.up, "up"),
            (prices.down, "down"),
            (prices.priced, "without a price today"),
            (prices.unpriced, "without a price then"),
        ] {
            if count > 0 {
                parts.push(format!("{} {what}", format_count(i64::try_from(count).unwrap_or(i64::MAX))));
            }
        }
        let largest = prices.swings.first().map(|swing| {
            let share = share(swing).map(|share| format!(" ({share})")).unwrap_or_default();
            let amount = |amount| self.currency.format(amount);
            format!(", for example {} → {}{share}", amount(swing.before), amount(swing.after))
        });
        format!("Sampled prices: {}{}.", parts.join(", "), largest.unwrap_or_default())
    }
}

/// How many customers notice: `12 customers`, or `up to 12 customers`.
fn customers(impact: &Impact) -> String {
    let up_to = if impact.is_exact { "" } else { "up to " };
    format!("{up_to}{}", counted(impact.customers, "customer", "customers"))
}

/// How many customers of the groups don't notice; `None` where all do.
fn besides(impact: &Impact) -> Option<String> {
    let others = impact.reached - impact.customers;
    let words = match others {
        1 => "1 more customer of these groups has the values from elsewhere".to_owned(),
        others => format!("{} more customers of these groups have the values from elsewhere", format_count(others)),
    };
    (others > 0).then_some(words)
}

/// The first groups that notice, by name.
fn names(impact: &Impact) -> String {
    let mut names: Vec<&str> = impact.groups.iter().take(NAMED).map(|group| group.name.as_str()).collect();
    let more = impact.groups.len().saturating_sub(NAMED);
    let rest = format!("{} more", format_count(i64::try_from(more).unwrap_or(i64::MAX)));
    if more > 0 {
        names.push(&rest);
    }
    names.join(", ")
}

fn share(swing: &Swing) -> Option<String> {
    let plus = if swing.after > swing.before { "+" } else { "" };
    swing.percent().map(|percent| format!("{plus}{}", format_percent(percent)).replace('-', "\u{2212}"))
}

impl Panel {
    /// A panel that waits for a change.
    pub fn waiting(currency: Currency, refresh: String) -> Self {
        Self { impact: None, currency, reviewed: String::new(), refresh, comes_later: false }
    }

    /// A panel whose impact is fetched from `refresh` once the page is there.
    pub fn coming(currency: Currency, refresh: String) -> Self {
        Self { comes_later: true, ..Self::waiting(currency, refresh) }
    }

    /// Whether somebody notices, or that isn't known yet: then it is looked at before anything is saved.
    pub fn is_worth_a_look(&self) -> bool {
        self.comes_later || self.impact.as_ref().is_some_and(Impact::is_noticed)
    }

    /// A panel that shows an impact, which `reviewed` says was seen.
    pub fn showing(currency: Currency, impact: Impact, reviewed: String, refresh: String) -> Self {
        Self { impact: Some(impact), currency, reviewed, refresh, comes_later: false }
    }

    fn sample(&self, impact: &Impact, prices: &PriceImpact) -> String {
        let count = |n: usize, one: &str, many: &str| counted(i64::try_from(n).unwrap_or(i64::MAX), one, many);
        let units = match prices.quantity {
            1 => "one unit each".to_owned(),
            units => format!("{} units each", format_count(units.into())),
        };
        let favoured = impact.favoured.as_ref().map(|favoured| match favoured.lists.as_slice() {
            [only] => format!(" ({} of them in {only})", favoured.products),
            several => format!(" ({} of them in the {} lists that change)", favoured.products, several.len()),
        });
        format!(
            "Sample: {} (up to {MOST_BOUGHT} who bought most and the {NEWEST} newest) × {}{}, {units}, today.",
            count(prices.customers, "customer", "customers"),
            count(prices.products, "product", "products"),
            favoured.unwrap_or_default(),
        )
    }

    fn margin(&self, prices: &PriceImpact) -> Option<String> {
        let (before, after) = (prices.margin_before?, prices.margin_after?);
        Some(format!("{} → {}", format_percent(before), format_percent(after)))
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
