//! What follows from the groups that count: prices and visibility from all of them, everything else from the one that
//! decides (SPEC 6).

use crate::error::Result;
use crate::groups::group::ROOT_ID;
use crate::inheritance::counting::Counting;
use crate::inheritance::effective::{Effective, Sourced, effective};
use crate::inheritance::store as settings;
use crate::inheritance::words;
use crate::money::Currency;
use diesel::PgConnection;
use uuid::Uuid;

/// The most groups whose prices and visibility are told one by one.
const MOST_TOLD: usize = 10;

/// Something that holds for the customer.
pub(super) struct Line {
    pub(super) label: &'static str,
    pub(super) text: String,
    /// The group that says so; empty where nobody does.
    pub(super) from: String,
}

/// What follows from these groups; from none of them what All Customers says.
pub(super) fn lines(conn: &mut PgConnection, counting: &Counting, currency: Currency) -> Result<Vec<Line>> {
    let told: Vec<(Uuid, &str)> =
        counting.groups.iter().take(MOST_TOLD).map(|group| (group.id, group.name.as_str())).collect();
    let ids: Vec<Uuid> = told.iter().map(|(id, _)| *id).chain([ROOT_ID]).collect();
    let levels = settings::load(conn, &ids)?;
    let mut lines = Vec::new();
    for (id, name) in &told {
        if let Some(effective) = effective(&levels, *id) {
            lines.push(Line {
                label: "Prices",
                text: words::pricing_label(&effective, currency).text,
                from: (*name).to_owned(),
            });
        }
    }
    for (id, name) in &told {
        if let Some(effective) = effective(&levels, *id) {
            let text = words::visibility_label(&effective).text;
            lines.push(Line { label: "Sees", text, from: (*name).to_owned() });
        }
    }
    let deciding = counting.deciding().map_or(ROOT_ID, |group| group.id);
    if let Some(effective) = effective(&levels, deciding) {
        if told.is_empty() {
            lines.push(Line { label: "Prices", text: "Base prices".into(), from: String::new() });
            let sees = words::visibility_label(&effective);
            let from = sees.source.map(|source| source.name).unwrap_or_default();
            lines.push(Line { label: "Sees", text: sees.text, from });
        }
        lines.extend(single_valued(&effective, currency));
    }
    Ok(lines)
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
        line("Early payment", &effective.early_payment, words::early_words(effective.early_payment.value)),
        line("May sign in", &effective.login, yes_no(effective.login.value)),
        line("May order", &effective.orders, yes_no(effective.orders.value)),
    ]
}

fn line<T>(label: &'static str, value: &Sourced<T>, text: String) -> Line {
    Line { label, text, from: value.source.as_ref().map(|source| source.name.clone()).unwrap_or_default() }
}
