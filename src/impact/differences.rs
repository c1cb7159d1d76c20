//! What changes for a group, field by field, in words: terms, portal access, prices, visibility.

use crate::inheritance::effective::{Effective, Sourced};
use crate::inheritance::own::{Openness, PaymentMethod};
use crate::inheritance::words;
use crate::money::{Currency, format_count};

/// A value that would be another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is called.
    pub label: &'static str,
    /// What holds today, with whom it is from where it is inherited.
    pub before: String,
    /// What would hold.
    pub after: String,
}

/// All fields of two effective settings whose values differ, in the order of the settings' pages.
pub fn differences(before: &Effective, after: &Effective, currency: Currency) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut line = |label: &'static str, before: String, after: String| {
        if before != after {
            found.push(Difference { label, before, after });
        }
    };
    line("Prices", prices(before, currency), prices(after, currency));
    let minimum = |e: &Effective| words::minimum_words(e.minimum_order.value, currency);
    line("Minimum order", minimum(before), minimum(after));
    let stacks = |e: &Effective| yes_no(&e.stack_with_promotions);
    line("Stacks with promotions", stacks(before), stacks(after));
    line("Visible products", sight(before), sight(after));
    for (label, of) in PORTAL {
        line(label, of(before), of(after));
    }
    let methods = |e: &Effective| words::methods_words(&e.methods.value as &[PaymentMethod]);
    line("Payment options", methods(before), methods(after));
    line("Net terms", words::terms_words(before.net_days.value), words::terms_words(after.net_days.value));
    let amount = |value: Option<i64>| value.map_or_else(|| "No limit".into(), |amount| currency.format(amount));
    line("Credit limit", amount(before.credit_limit.value), amount(after.credit_limit.value));
    line("Auto-approve orders under", amount(before.auto_approve_under.value), amount(after.auto_approve_under.value));
    line("Require PO", yes_no(&before.require_po), yes_no(&after.require_po));
    // The terms that it is said with have a line of their own.
    if before.early_payment.value != after.early_payment.value {
        let early = |e: &Effective| words::trade_terms(&e.early_payment, &e.net_days);
        line("Early payment", early(before), early(after));
    }
    found
}

type Field = (&'static str, fn(&Effective) -> String);

const PORTAL: [Field; 5] = [
    ("Portal login", |e| yes_no(&e.login)),
    ("Shop access", |e| open(&e.shop)),
    ("Quote requests", |e| yes_no(&e.quotes)),
    ("Order placement", |e| yes_no(&e.orders)),
    ("Invoice access", |e| open(&e.invoices)),
];

fn yes_no(value: &Sourced<bool>) -> String {
    if value.value { "Yes".into() } else { "No".into() }
}

fn open(value: &Sourced<Openness>) -> String {
    value.value.label().into()
}

fn prices(effective: &Effective, currency: Currency) -> String {
    let lines: Vec<String> = effective
        .pricing
        .iter()
        .flat_map(|level| {
            words::pricing_sentences(level, currency).into_iter().map(|text| match level.source.inherited {
                true => format!("{text} (from {})", level.source.name),
                false => text,
            })
        })
        .collect();
    if lines.is_empty() { "Base prices".into() } else { lines.join("; ") }
}

fn sight(effective: &Effective) -> String {
    let mut parts = Vec::new();
    for level in &effective.visibility {
        let from = if level.source.inherited { format!(" (from {})", level.source.name) } else { String::new() };
        if let Some(access) = &level.access {
            parts.push(format!("{}{from}", words::access_words(access)));
        }
        for (count, what) in [(level.included, "included"), (level.excluded, "excluded")] {
            if count > 0 {
                parts.push(format!("{} products {what}{from}", format_count(count)));
            }
        }
    }
    if parts.is_empty() { "All products".into() } else { parts.join("; ") }
}
