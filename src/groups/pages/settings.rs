//! All settings that hold for a group, each with the group that it comes from (SPEC 6).

use super::super::store::{self, Group};
use super::{Tab, parse_id, tabs};
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::inheritance::effective::{Effective, Source, Sourced, effective};
use crate::inheritance::level::Level;
use crate::inheritance::own::Section;
use crate::inheritance::{store as settings, words};
use crate::money::{Currency, format_count};
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpResponse, web};
use askama::Template;

/// A setting that holds.
struct Line {
    label: String,
    text: String,
    origin: Origin,
}

/// Where a value comes from, as its chip says.
enum Origin {
    /// The group itself.
    Own,
    /// A group above.
    Inherited(String),
    /// Nobody says anything.
    Default,
}

impl Origin {
    fn of(source: Option<&Source>) -> Self {
        match source {
            None => Self::Default,
            Some(source) if source.inherited => Self::Inherited(source.name.clone()),
            Some(_) => Self::Own,
        }
    }
}

/// A section with all its lines.
struct SectionView {
    label: &'static str,
    inherits: bool,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "groups/settings.html")]
struct SettingsPage {
    shell: Shell,
    tabs: Vec<Tab>,
    group: Group,
    parent: String,
    sections: Vec<SectionView>,
    notes: String,
}

/// `GET /groups/{id}/settings`.
pub async fn show(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let page = db
        .read(move |conn| {
            let group = store::live(conn, id)?;
            let currency = store_settings::load(conn)?.currency;
            let levels = settings::load(conn, &[id])?;
            let own = levels.get(&id).ok_or_else(store::gone)?;
            let effective = effective(&levels, id).ok_or_else(store::gone)?;
            let parent = group.parent_id.and_then(|parent| levels.get(&parent)).map(|level| level.name.clone());
            Ok(SettingsPage {
                shell,
                tabs: tabs(group.id, "Settings"),
                parent: parent.unwrap_or_default(),
                sections: sections(own, &effective, currency),
                notes: own.pricing.notes.clone(),
                group,
            })
        })
        .await?;
    Ok(respond::page(&page)?)
}

fn sections(own: &Level, effective: &Effective, currency: Currency) -> Vec<SectionView> {
    Section::ALL
        .into_iter()
        .map(|section| SectionView {
            label: section.label(),
            inherits: own.inherit.of(section),
            lines: match section {
                Section::Pricing => pricing(effective, currency),
                Section::Visibility => visibility(effective),
                Section::Portal => portal(effective),
                Section::PaymentTerms => payment_terms(effective, currency),
            },
        })
        .collect()
}

fn line<T>(label: &str, value: &Sourced<T>, text: String) -> Line {
    Line { label: label.into(), text, origin: Origin::of(value.source.as_ref()) }
}

fn yes_no(yes: bool) -> String {
    if yes { "Yes".into() } else { "No".into() }
}

fn pricing(effective: &Effective, currency: Currency) -> Vec<Line> {
    let mut lines = Vec::new();
    for level in &effective.pricing {
        for text in words::pricing_sentences(level, currency) {
            lines.push(Line { label: "Prices".into(), text, origin: Origin::of(Some(&level.source)) });
        }
    }
    if lines.is_empty() {
        lines.push(Line { label: "Prices".into(), text: "Base prices".into(), origin: Origin::Default });
    }
    let minimum = &effective.minimum_order;
    lines.push(line("Minimum order", minimum, words::minimum_words(minimum.value, currency)));
    let stack = &effective.stack_with_promotions;
    lines.push(line("Stacks with promotions", stack, yes_no(stack.value)));
    lines
}

fn visibility(effective: &Effective) -> Vec<Line> {
    let mut lines = Vec::new();
    for level in &effective.visibility {
        let origin = || Origin::of(Some(&level.source));
        if let Some(access) = &level.access {
            lines.push(Line { label: "Shows".into(), text: words::access_words(access), origin: origin() });
        }
        if level.included > 0 {
            let text = format!("{} products one by one", format_count(level.included));
            lines.push(Line { label: "Includes".into(), text, origin: origin() });
        }
        if level.excluded > 0 {
            let text = format!("{} products, whatever else shows them", format_count(level.excluded));
            lines.push(Line { label: "Excludes".into(), text, origin: origin() });
        }
    }
    if effective.visibility.iter().all(|level| level.access.is_none()) {
        lines.insert(0, Line { label: "Shows".into(), text: "All products".into(), origin: Origin::Default });
    }
    lines
}

fn portal(effective: &Effective) -> Vec<Line> {
    vec![
        line("Portal login", &effective.login, yes_no(effective.login.value)),
        line("Shop access", &effective.shop, effective.shop.value.label().into()),
        line("Quote requests", &effective.quotes, yes_no(effective.quotes.value)),
        line("Order placement", &effective.orders, yes_no(effective.orders.value)),
        line("Invoice access", &effective.invoices, effective.invoices.value.label().into()),
    ]
}

fn payment_terms(effective: &Effective, currency: Currency) -> Vec<Line> {
    let amount =
        |value: Option<i64>, none: &str| value.map_or_else(|| none.to_owned(), |amount| currency.format(amount));
    let early = &effective.early_payment;
    let early_text = early.value.map_or_else(
        || "None".to_owned(),
        |e| {
            format!(
                "{}% if paid within {} days ({})",
                e.percent.normalize(),
                e.days,
                words::trade_terms(early, &effective.net_days)
            )
        },
    );
    vec![
        line("Payment options", &effective.methods, words::methods_words(&effective.methods.value)),
        line("Net terms", &effective.net_days, words::terms_words(effective.net_days.value)),
        line("Credit limit", &effective.credit_limit, amount(effective.credit_limit.value, "No limit")),
        line(
            "Auto-approve orders under",
            &effective.auto_approve_under,
            amount(effective.auto_approve_under.value, "No limit"),
        ),
        line("Require PO", &effective.require_po, yes_no(effective.require_po.value)),
        line("Early payment", early, early_text),
    ]
}
