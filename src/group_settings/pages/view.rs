//! What the settings' forms show beside the fields: what is inherited, the lists, the visibility groups.

use super::super::forms::{pricing, visibility};
use super::super::store::known::{self, Choosable};
use super::area::Area;
use crate::error::Result;
use crate::groups::store::{self as groups, Group};
use crate::groups::tabs::{Tab, tabs};
use crate::impact::panel::Panel;
use crate::inheritance::book::Book;
use crate::inheritance::effective::{Effective, Sourced, effective};
use crate::inheritance::level::Level;
use crate::inheritance::overrides::{Override, overrides};
use crate::inheritance::own::{AssignedList, Openness, PaymentMethod, Section};
use crate::inheritance::store::assignable_lists;
use crate::inheritance::store::live::LiveSettings;
use crate::inheritance::words;
use crate::money::Currency;
use crate::pricing::priority;
use crate::store_settings::store as store_settings;
use crate::visibility::sees::sees;
use crate::visibility::store::{self as sight, Seen};
use crate::web::format::filters;
use crate::web::forms::{Choice, Conflict, FormState};
use crate::web::shell::Shell;
use askama::Template;
use chrono_tz::Tz;
use diesel::PgConnection;
use std::sync::Arc;
use uuid::Uuid;

/// How many visibility groups stand on the form as boxes.
const SETS: i64 = 100;

/// A group with all that its settings' pages need.
pub(super) struct Opened {
    pub(super) group: Group,
    pub(super) own: Level,
    pub(super) book: Arc<Book>,
    /// What would hold if the group itself said nothing in this area.
    pub(super) inherited: Effective,
    pub(super) currency: Currency,
    pub(super) time_zone: Tz,
}

/// Opens an area of a group's settings.
pub(super) fn open(conn: &mut PgConnection, live: &LiveSettings, id: Uuid, area: Area) -> Result<Opened> {
    let book = live.now(conn)?;
    let group = groups::live(conn, id)?;
    let store = store_settings::load(conn)?;
    let own = book.level(id).ok_or_else(groups::gone)?.clone();
    let silent = book.with([(id, Some(Arc::new(area.silent(&own))))]);
    let inherited = effective(silent.levels(), id).ok_or_else(groups::gone)?;
    Ok(Opened { group, own, book, inherited, currency: store.currency, time_zone: store.time_zone })
}

/// A row of the assigned lists.
pub(super) struct ListRow {
    pub(super) list: AssignedList,
    /// The priority as typed.
    pub(super) priority: String,
    /// Whether another row has the same one.
    pub(super) is_shared: bool,
}

#[derive(Template)]
#[template(path = "group_settings/section.html")]
pub(super) struct SectionPage {
    pub(super) shell: Shell,
    pub(super) tabs: Vec<Tab>,
    pub(super) area: Area,
    pub(super) opened: Opened,
    pub(super) form: FormState,
    pub(super) version: i32,
    pub(super) conflicts: Vec<Conflict>,
    pub(super) may_edit: bool,
    pub(super) lists: Vec<ListRow>,
    pub(super) sets: Vec<Choosable>,
    /// How many active products the group sees, and how many of those All Customers doesn't.
    pub(super) seen: Option<(Seen, i64)>,
    pub(super) panel: Panel,
}

/// The page of an area with a form as it is filled.
pub(super) fn page(
    conn: &mut PgConnection,
    shell: Shell,
    area: Area,
    opened: Opened,
    form: FormState,
    may_edit: bool,
) -> Result<SectionPage> {
    let rows = pricing::list_rows(&form);
    let ids: Vec<Uuid> = rows.iter().map(|(id, _)| *id).collect();
    let known = if area == Area::Pricing { assignable_lists(conn, &ids, 0)? } else { Vec::new() };
    let lists = rows
        .iter()
        .filter_map(|(id, priority)| {
            let list = known.iter().find(|list| list.id == *id)?.clone();
            let is_shared = rows.iter().filter(|(_, other)| other == priority).count() > 1;
            Some(ListRow { list, priority: priority.clone(), is_shared })
        })
        .collect();
    let sets = match area {
        Area::Visibility => known::choosable(conn, &visibility::chosen_sets(&form), SETS)?,
        Area::Pricing | Area::PaymentTerms | Area::Inheritance => Vec::new(),
    };
    let seen = match area {
        Area::Visibility => {
            let sees_all = |group| sees(opened.book.levels(), group);
            Some((
                sight::count(conn, &sees_all(opened.group.id))?,
                sight::exclusive(conn, &sees_all(opened.group.id), &sees_all(crate::groups::group::ROOT_ID))?,
            ))
        }
        Area::Pricing | Area::PaymentTerms | Area::Inheritance => None,
    };
    let may_edit = may_edit && !(area == Area::Inheritance && opened.group.is_root());
    let refresh = if may_edit { format!("/groups/{}/{}/impact", opened.group.id, area.path()) } else { String::new() };
    Ok(SectionPage {
        shell,
        tabs: tabs(opened.group.id, area.label()),
        area,
        version: opened.group.version,
        conflicts: Vec::new(),
        panel: Panel::waiting(opened.currency, refresh),
        opened,
        form,
        may_edit,
        lists,
        sets,
        seen,
    })
}

/// A value that would be inherited, as a field's placeholder and its chip.
pub(super) struct Inherited {
    pub(super) text: String,
    /// The group that it is from; empty for the default.
    pub(super) from: String,
    /// Whether the group says something else itself.
    pub(super) is_overridden: bool,
}

impl Inherited {
    /// Whose value the field's placeholder is; nothing where an own value stands in the field.
    fn chip(&self) -> &str {
        if self.is_overridden { "" } else { &self.from }
    }

    fn or_default(&self) -> String {
        if self.from.is_empty() { "the default".into() } else { format!("from {}", self.from) }
    }
}

impl SectionPage {
    fn inherited<T>(&self, field: &str, value: &Sourced<T>, text: String) -> Inherited {
        let from = value.source.as_ref().map(|source| source.name.clone()).unwrap_or_default();
        Inherited { text, from, is_overridden: self.is_own(field) }
    }

    fn net_days(&self) -> Inherited {
        let value = &self.opened.inherited.net_days;
        self.inherited(
            "paymentTerms.netDays",
            value,
            value.value.map_or_else(|| "No net terms".into(), |days| days.to_string()),
        )
    }

    fn credit_limit(&self) -> Inherited {
        self.amount("paymentTerms.creditLimit", &self.opened.inherited.credit_limit, "No limit")
    }

    fn auto_approve(&self) -> Inherited {
        self.amount("paymentTerms.autoApproveUnder", &self.opened.inherited.auto_approve_under, "No limit")
    }

    fn amount(&self, field: &str, value: &Sourced<Option<i64>>, none: &str) -> Inherited {
        let text = |amount: i64| self.opened.currency.format(amount);
        self.inherited(field, value, value.value.map_or_else(|| none.to_owned(), text))
    }

    fn early_payment(&self) -> Inherited {
        let value = &self.opened.inherited.early_payment;
        self.inherited("paymentTerms.earlyPayment", value, words::early_words(value.value))
    }

    fn payment_options(&self) -> Inherited {
        let value = &self.opened.inherited.methods;
        self.inherited("paymentTerms.methods", value, words::methods_words(&value.value))
    }

    fn minimum_order(&self) -> Inherited {
        let value = &self.opened.inherited.minimum_order;
        self.inherited("pricing.minimumOrder", value, words::minimum_words(value.value, self.opened.currency))
    }

    /// The prices that the group inherits, level by level.
    fn inherited_prices(&self) -> Vec<Inherited> {
        let mut lines = Vec::new();
        for level in &self.opened.inherited.pricing {
            for text in words::pricing_sentences(level, self.opened.currency) {
                lines.push(Inherited { text, from: level.source.name.clone(), is_overridden: false });
            }
        }
        lines
    }

    /// What the group sees by what it inherits.
    fn inherited_access(&self) -> Vec<Inherited> {
        let levels = &self.opened.inherited.visibility;
        let access = |level: &crate::inheritance::effective::VisibilityLevel| {
            let text = level.access.as_ref().map(words::access_words)?;
            Some(Inherited { text, from: level.source.name.clone(), is_overridden: false })
        };
        levels.iter().filter_map(access).collect()
    }

    fn yes_no(&self, value: &Sourced<bool>) -> Vec<Choice> {
        let text = if value.value { "Yes" } else { "No" };
        vec![
            choice("", text, value.source.as_ref().map(|s| s.name.as_str())),
            Choice::new("yes", "Yes"),
            Choice::new("no", "No"),
        ]
    }

    fn openness(&self, value: &Sourced<Openness>) -> Vec<Choice> {
        let mut choices = vec![choice("", value.value.label(), value.source.as_ref().map(|s| s.name.as_str()))];
        choices.extend(Openness::ALL.iter().rev().map(|open| Choice::new(open.name(), open.label())));
        choices
    }

    fn methods(&self) -> [PaymentMethod; 5] {
        PaymentMethod::ALL
    }

    fn pricing_methods(&self) -> Vec<Choice> {
        vec![
            Choice::new("", "Inherit").hint("nothing of its own; what is above holds"),
            Choice::new("none", "No special pricing").hint("inherited prices still compete"),
            Choice::new("priceLists", "Price lists").hint("only the lists below"),
            Choice::new("percentage", "Percentage discount").hint("off the base price"),
            Choice::new("fixed", "Fixed price adjustment").hint("an amount off each unit"),
        ]
    }

    fn scopes(&self) -> Vec<Choice> {
        vec![
            Choice::new("all", "All products"),
            Choice::new("categories", "Categories"),
            Choice::new("products", "Chosen products"),
        ]
    }

    fn combinations(&self) -> Vec<Choice> {
        vec![
            Choice::new("compete", "Competes: the lowest price wins"),
            Choice::new("add", "Adds to the inherited percentage"),
        ]
    }

    fn accesses(&self) -> Vec<Choice> {
        vec![
            Choice::new("", "Inherit").hint("adds nothing to what is inherited"),
            Choice::new("all", "All products visible"),
            Choice::new("visibilityGroups", "Specific visibility groups"),
            Choice::new("products", "Custom product selection").hint("only the included products"),
        ]
    }

    /// The priority proposed for another list (SPEC 6).
    fn next_priority(&self) -> i32 {
        priority::next(self.lists.iter().filter_map(|row| priority::parse(&row.priority).ok()))
    }

    /// The group right above.
    fn parent(&self) -> &str {
        let parent = self.opened.own.parent_id.and_then(|parent| self.opened.book.level(parent));
        parent.map_or("", |parent| parent.name.as_str())
    }

    fn overrides(&self) -> Vec<Override> {
        let holds = effective(self.opened.book.levels(), self.opened.own.id);
        holds
            .map(|holds| overrides(&self.opened.own, &holds, &self.opened.inherited, self.opened.currency))
            .unwrap_or_default()
    }

    /// Where an own setting is changed.
    fn section_path(&self, section: &Section) -> String {
        let area = match section {
            Section::Pricing => Area::Pricing,
            Section::Visibility | Section::Portal => Area::Visibility,
            Section::PaymentTerms => Area::PaymentTerms,
        };
        format!("/groups/{}/{}", self.opened.group.id, area.path())
    }

    fn all_lists_inactive(&self) -> bool {
        !self.lists.is_empty() && self.lists.iter().all(|row| !row.list.active)
    }

    /// Whether the form has something of its own in one of these fields.
    fn is_own(&self, field: &str) -> bool {
        let fields =
            self.area.fields().iter().find(|(_, fields)| fields[0].starts_with(field)).map(|(_, fields)| *fields);
        let stored = self.area.filled(&self.opened.own, self.opened.currency);
        fields.is_some_and(|fields| {
            fields.iter().any(|field| stored.filled(field).is_some_and(|value| value != "compete"))
        })
    }

    /// What a setting is called, of which a form has these fields.
    fn setting_of(&self, fields: &[&'static str]) -> &'static str {
        let first = fields.first().copied().unwrap_or_default();
        first
            .strip_suffix(".own")
            .or_else(|| first.strip_suffix(".amount"))
            .or_else(|| first.strip_suffix(".percent"))
            .unwrap_or(first)
    }
}

fn choice(value: &str, text: &str, from: Option<&str>) -> Choice {
    let source = from.map_or_else(|| "default".to_owned(), |name| format!("from {name}"));
    Choice::new(value, format!("Inherited: {text} ({source})"))
}
