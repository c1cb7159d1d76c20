//! What the settings' forms show beside the fields: what is inherited, the lists, the visibility groups.

use super::super::forms::{pricing, visibility};
use super::super::shelf::Shelf;
use super::super::store::known::{self, Choosable};
use super::area::Area;
use crate::clock::store_day;
use crate::error::Result;
use crate::groups::group::ROOT_ID;
use crate::groups::store::{self as groups, Group};
use crate::groups::tabs::{Tab, tabs};
use crate::impact::panel::Panel;
use crate::inheritance::book::Book;
use crate::inheritance::effective::{Effective, VisibilityLevel, effective};
use crate::inheritance::level::Level;
use crate::inheritance::overrides::{Override, overrides};
use crate::inheritance::own::{Adjustment, AssignedList, Scope, Section};
use crate::inheritance::store::assignable_lists;
use crate::inheritance::store::live::LiveSettings;
use crate::money::Currency;
use crate::pricing::priority;
use crate::products::store::list::categories;
use crate::store_settings::store as store_settings;
use crate::visibility::sees::sees;
use crate::visibility::store::{self as sight, Seen};
use crate::web::format::{counted, filters};
use crate::web::forms::{Conflict, FormState};
use crate::web::shell::Shell;
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::PgConnection;
use std::sync::Arc;
use uuid::Uuid;

/// How many visibility groups stand on the form as boxes.
const SETS: i64 = 100;
/// How many categories stand on the form as boxes.
const CATEGORIES: i64 = 60;

/// A group with all that its settings' pages need.
pub(super) struct Opened {
    pub(super) group: Group,
    pub(super) own: Level,
    pub(super) book: Arc<Book>,
    /// What would hold if the group itself said nothing in this area.
    pub(super) inherited: Effective,
    pub(super) currency: Currency,
    /// The store day.
    pub(super) today: NaiveDate,
}

/// Opens an area of a group's settings.
pub(super) fn open(
    conn: &mut PgConnection,
    live: &LiveSettings,
    id: Uuid,
    area: Area,
    now: DateTime<Utc>,
) -> Result<Opened> {
    let book = live.now(conn)?;
    let group = groups::live(conn, id)?;
    let store = store_settings::load(conn)?;
    let own = book.level(id).ok_or_else(groups::gone)?.clone();
    let silent = book.with([(id, Some(Arc::new(area.silent(&own))))]);
    let inherited = effective(silent.levels(), id).ok_or_else(groups::gone)?;
    Ok(Opened { group, own, book, inherited, currency: store.currency, today: store_day(now, store.time_zone) })
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
    /// The categories that there are, and those that are chosen.
    pub(super) categories: Vec<String>,
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
            let (own, everybody) = (sees_all(opened.group.id), sees_all(ROOT_ID));
            Some((sight::count(conn, &own)?, sight::exclusive_count(conn, &own, &everybody)?))
        }
        Area::Pricing | Area::PaymentTerms | Area::Inheritance => None,
    };
    let categories = match area {
        Area::Pricing => {
            let mut names = categories(conn, CATEGORIES)?;
            names.extend(pricing::chosen_categories(&form));
            names.sort();
            names.dedup();
            names
        }
        Area::Visibility | Area::PaymentTerms | Area::Inheritance => Vec::new(),
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
        categories,
        seen,
    })
}

impl SectionPage {
    /// How many products the groups above include or exclude one by one, and who.
    fn named_above(&self, shelf: Shelf) -> Vec<(i64, String)> {
        let count = |level: &VisibilityLevel| match shelf {
            Shelf::Included => level.included,
            Shelf::Excluded => level.excluded,
            Shelf::Discounted => 0,
        };
        let above = self.opened.inherited.visibility.iter().filter(|level| level.source.inherited);
        above.map(|level| (count(level), level.source.name.clone())).filter(|(count, _)| *count > 0).collect()
    }

    /// What the link to the discount's products says.
    fn discounted(&self) -> String {
        match &self.opened.own.pricing.adjustment {
            Adjustment::Percentage { scope: Scope::Products(count), .. }
            | Adjustment::Fixed { scope: Scope::Products(count), .. } => {
                format!("{} chosen", counted(*count, "product", "products"))
            }
            _ => "Choose products".into(),
        }
    }

    /// The next of the priorities 1, 10, 100 (SPEC 6).
    fn next_priority(&self) -> i32 {
        priority::next(self.lists.iter().filter_map(|row| priority::parse(&row.priority).ok()))
    }

    /// What is doubtful about the lists as they stand on the form: equal priorities, none in force.
    fn list_warnings(&self) -> Vec<String> {
        let lists: Vec<AssignedList> = self
            .lists
            .iter()
            .filter_map(|row| Some(AssignedList { priority: priority::parse(&row.priority).ok()?, ..row.list.clone() }))
            .collect();
        let mut warnings: Vec<String> = priority::shared(&lists).iter().map(priority::Shared::warning).collect();
        if priority::none_in_force(&lists, self.opened.today) {
            warnings.push(priority::NONE_IN_FORCE.into());
        }
        warnings
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

    /// Whether the form has something of its own in one of these fields.
    pub(super) fn is_own(&self, field: &str) -> bool {
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
        if first == "list_id" {
            return "pricing.priceLists";
        }
        first
            .strip_suffix(".own")
            .or_else(|| first.strip_suffix(".amount"))
            .or_else(|| first.strip_suffix(".percent"))
            .unwrap_or(first)
    }
}
