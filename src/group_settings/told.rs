//! Own settings as the audit log keeps them: readable for good, whatever becomes of lists and sets.

use crate::inheritance::level::Level;
use crate::inheritance::own::{Access, Adjustment, EarlyPayment, MinimumOrder, Scope, Section, Setting};
use crate::money::Currency;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// All own settings, field by field, amounts in major units.
pub fn told(level: &Level, currency: Currency) -> Value {
    let pricing = &level.pricing;
    let (method, discount, adds, scope) = adjustment(&pricing.adjustment, currency);
    let inherited: Vec<&str> =
        Section::ALL.into_iter().filter(|section| level.inherit.of(*section)).map(Section::label).collect();
    json!({
        "pricing method": method,
        "discount": discount,
        "adds to inherited": adds,
        "applies to": scope,
        "price lists": pricing.lists.iter().map(|l| format!("{} (priority {})", l.name, l.priority)).collect::<Vec<_>>().join(", "),
        "stack with promotions": pricing.stack_with_promotions,
        "minimum order": setting(&pricing.minimum_order, |minimum| told_minimum(*minimum, currency)),
        "pricing notes": pricing.notes,
        "product access": level.visibility.access.as_ref().map(told_access),
        "included products": level.visibility.included,
        "excluded products": level.visibility.excluded,
        "portal login": level.portal.login,
        "shop access": level.portal.shop.map(|open| open.label()),
        "quote requests": level.portal.quotes,
        "order placement": level.portal.orders,
        "invoice access": level.portal.invoices.map(|open| open.label()),
        "payment options": level.terms.methods.as_ref().map(|methods| crate::inheritance::words::methods_words(methods)),
        "net days": setting(&level.terms.net_days, ToString::to_string),
        "credit limit": setting(&level.terms.credit_limit, |amount| currency.format(*amount)),
        "auto-approve under": setting(&level.terms.auto_approve_under, |amount| currency.format(*amount)),
        "require PO": level.terms.require_po,
        "early payment": setting(&level.terms.early_payment, |early: &EarlyPayment| {
            format!("{}% within {} days", early.percent.normalize(), early.days)
        }),
        "inherits": inherited.join(", "),
    })
}

fn setting<T>(setting: &Setting<T>, told: impl Fn(&T) -> String) -> Value {
    match setting {
        Setting::Unset => Value::Null,
        Setting::ExplicitNone => json!("none"),
        Setting::Value(value) => json!(told(value)),
    }
}

type Told = (Option<&'static str>, Option<String>, Option<bool>, Option<String>);

fn adjustment(adjustment: &Adjustment, currency: Currency) -> Told {
    let percent = |percent: &Decimal| format!("{}%", percent.normalize());
    match adjustment {
        Adjustment::Unset => (None, None, None, None),
        Adjustment::ExplicitNone => (Some("none"), None, None, None),
        Adjustment::PriceLists => (Some("price lists"), None, None, None),
        Adjustment::Percentage { percent: value, adds, scope } => {
            (Some("percentage"), Some(percent(value)), adds.then_some(true), Some(told_scope(scope)))
        }
        Adjustment::Fixed { amount, scope } => {
            (Some("fixed"), Some(currency.format(*amount)), None, Some(told_scope(scope)))
        }
    }
}

fn told_scope(scope: &Scope) -> String {
    match scope {
        Scope::All => "all products".into(),
        Scope::Categories(names) => names.join(", "),
        Scope::Products(count) => format!("{count} products"),
    }
}

fn told_minimum(minimum: MinimumOrder, currency: Currency) -> String {
    crate::inheritance::words::minimum_words(Some(minimum), currency)
}

fn told_access(access: &Access) -> String {
    match access {
        Access::VisibilityGroups(sets) => sets.iter().map(|set| set.name.as_str()).collect::<Vec<_>>().join(", "),
        Access::All => "all products".into(),
        Access::ChosenProducts => "chosen products".into(),
    }
}
