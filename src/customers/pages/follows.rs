//! What follows from the groups that count: prices and visibility from all of them, everything else from the one that
//! decides (SPEC 6).

use crate::groups::group::ROOT_ID;
use crate::inheritance::book::Book;
use crate::inheritance::counting::Counting;
use crate::inheritance::effective::{Effective, Sourced, effective};
use crate::inheritance::resulting;
use crate::inheritance::words::{self, Label};
use crate::money::Currency;

/// Something that holds for the customer.
pub(super) struct Line {
    pub(super) label: &'static str,
    pub(super) text: String,
    /// The group that says so; empty where nobody does.
    pub(super) from: String,
}

/// What follows from these groups together; from none of them what All Customers says.
pub(super) fn lines(book: &Book, counting: &Counting, currency: Currency) -> Vec<Line> {
    let held: Vec<Effective> = counting.groups.iter().filter_map(|group| effective(book.levels(), group.id)).collect();
    let root = effective(book.levels(), ROOT_ID);
    let groups: Vec<&Effective> = if held.is_empty() { root.iter().collect() } else { held.iter().collect() };
    let line = |label: &'static str, told: Label| Line {
        label,
        text: told.text,
        from: told.source.map(|source| source.name).unwrap_or_default(),
    };
    let mut lines: Vec<Line> =
        resulting::prices(&groups, currency).into_iter().map(|told| line("Prices", told)).collect();
    if lines.is_empty() {
        lines.push(Line { label: "Prices", text: "Base prices".into(), from: String::new() });
    }
    lines.push(line("Sees", resulting::sight(&groups)));
    lines.extend(groups.first().map(|deciding| single_valued(deciding, currency)).unwrap_or_default());
    lines
}

/// Everything that only one group can say: terms and portal access.
pub(super) fn all_lines(effective: &Effective, currency: Currency) -> Vec<Line> {
    let yes_no = |yes: bool| if yes { "Yes".to_owned() } else { "No".to_owned() };
    let approval = effective.auto_approve_under.value;
    let approval = approval.map_or_else(|| "All orders".into(), |under| format!("Under {}", currency.format(under)));
    let mut lines = single_valued(effective, currency);
    lines.extend([
        line("Approved automatically", &effective.auto_approve_under, approval),
        line("Purchase order required", &effective.require_po, yes_no(effective.require_po.value)),
        line("Shop", &effective.shop, effective.shop.value.label().into()),
        line("May ask for quotes", &effective.quotes, yes_no(effective.quotes.value)),
        line("Invoices", &effective.invoices, effective.invoices.value.label().into()),
        line("Promotions on top", &effective.stack_with_promotions, yes_no(effective.stack_with_promotions.value)),
    ]);
    lines
}

/// What only one group can say.
fn single_valued(effective: &Effective, currency: Currency) -> Vec<Line> {
    let yes_no = |yes: bool| if yes { "Yes".to_owned() } else { "No".to_owned() };
    let credit = effective.credit_limit.value.map_or_else(|| "No limit".into(), |limit| currency.format_whole(limit));
    vec![
        line("Minimum order", &effective.minimum_order, words::minimum_words(effective.minimum_order.value, currency)),
        line("Payment options", &effective.methods, words::methods_words(&effective.methods.value)),
        line("Payment terms", &effective.net_days, words::terms_words(effective.net_days.value)),
        line("Credit limit", &effective.credit_limit, credit),
        line("Early payment", &effective.early_payment, early(effective)),
        line("May sign in", &effective.login, yes_no(effective.login.value)),
        line("May order", &effective.orders, yes_no(effective.orders.value)),
    ]
}

/// `2/10`, or why it isn't offered though a group says so.
fn early(effective: &Effective) -> String {
    match (effective.early_payment.value, effective.offered_early_payment()) {
        (Some(said), None) => {
            format!("Not offered ({}): net terms aren't among the options", words::early_words(Some(said)))
        }
        (_, offered) => words::early_words(offered),
    }
}

fn line<T>(label: &'static str, value: &Sourced<T>, text: String) -> Line {
    Line { label, text, from: value.source.as_ref().map(|source| source.name.clone()).unwrap_or_default() }
}
