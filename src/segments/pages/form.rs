//! The form of a segment as it is drawn: its groups, the rule's builder, and whom it finds as it is written.

use super::super::forms::{fill, is_blank};
use super::super::segment::{Details, Segment};
use super::super::store::audience::{self, Audience, Frame, Somebody};
use super::super::store::groups::{self, ChosenGroup};
use super::super::store::{self, SegmentRow};
use crate::clock::store_day;
use crate::db::keyset::Place;
use crate::error::{FieldError, Result};
use crate::inheritance::store::live::LiveSettings;
use crate::rules::draft::Draft;
use crate::rules::drawn::{Frame as Drawing, GroupPart};
use crate::rules::forms as rule_forms;
use crate::rules::store::rules::{self, json_of};
use crate::store_settings::store as store_settings;
use crate::web::format::filters;
use crate::web::forms::{Conflict, FormState, Pick};
use crate::web::shell::Shell;
use askama::Template;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::Value;
use uuid::Uuid;

/// Customers that the preview names.
const NAMED: usize = 10;

#[derive(Template)]
#[template(path = "segments/form.html", blocks = ["rule", "preview"])]
pub struct FormPage {
    pub shell: Shell,
    /// `None` for a new segment.
    pub segment: Option<SegmentRow>,
    pub form: FormState,
    pub version: i32,
    pub conflicts: Vec<Conflict>,
    pub groups_in: Vec<Pick>,
    pub groups_not_in: Vec<Pick>,
    builder: GroupPart,
    sentence: String,
    /// What the rule still lacks.
    waits_for: Vec<String>,
    found: Option<Found>,
}

/// Whom it finds.
struct Found {
    count: i64,
    first: Vec<Somebody>,
}

impl FormPage {
    fn path(&self) -> String {
        self.segment.as_ref().map_or_else(|| "/segments".into(), |row| format!("/segments/{}", row.id))
    }
}

/// How the form is drawn.
#[derive(Default)]
pub struct Drawn {
    /// The segment; `None` for a new one.
    pub id: Option<Uuid>,
    /// What was sent; `None`: what is stored.
    pub sent: Option<FormState>,
    /// Faults of the rule are errors already.
    pub complains: bool,
    /// Groups that are none are errors already.
    pub picks: bool,
    /// Whether customers are looked for.
    pub finds: bool,
    /// What is wrong besides.
    pub errors: Vec<FieldError>,
}

/// The rule of a form as JSON; nothing where the builder is empty.
pub fn rule_of(conn: &mut PgConnection, form: &FormState) -> Result<Option<Value>> {
    let draft = rule_forms::read(form);
    if is_blank(&draft) { Ok(None) } else { json_of(conn, &draft).map(Some) }
}

/// The form filled with what is stored, the rule left to the builder.
pub fn stored(conn: &mut PgConnection, row: &SegmentRow) -> Result<FormState> {
    Ok(fill(&store::details(conn, row)?))
}

/// Draws the form.
pub fn draw(
    conn: &mut PgConnection,
    live: &LiveSettings,
    shell: Shell,
    drawn: Drawn,
    now: DateTime<Utc>,
) -> Result<FormPage> {
    let segment = drawn.id.map(|id| store::get(conn, id)).transpose()?;
    let details = match &segment {
        Some(row) => store::details(conn, row)?,
        None => Details::default(),
    };
    let settings = store_settings::load(conn)?;
    let (mut form, mut draft) = match drawn.sent {
        Some(form) => {
            let draft = rule_forms::read(&form);
            (form, draft)
        }
        None => {
            let form = fill(&details);
            let form = form.clone().with("was", form.to_json());
            let names = rules::referred(conn, &details.rule.iter().collect::<Vec<_>>())?;
            (form, details.rule.as_ref().map_or_else(Draft::blank, |rule| Draft::of_json(rule, &names)))
        }
    };
    if let Some(edit) = rule_forms::edit(form.value("do")) {
        draft.edit(&edit);
    }
    let kept: Vec<Uuid> = details.groups_in.iter().chain(&details.groups_not_in).copied().collect();
    let groups_in = side(conn, &mut form, "groups_in", &kept, drawn.picks)?;
    let groups_not_in = side(conn, &mut form, "groups_not_in", &kept, drawn.picks)?;
    let (rule, faults) = if is_blank(&draft) {
        (Ok(None), Vec::new())
    } else {
        let value = json_of(conn, &draft)?;
        match rules::read(conn, &value, None, settings.currency)? {
            Ok(rule) => (Ok(Some(rule)), Vec::new()),
            Err(faults) => (Err(()), faults),
        }
    };
    let waits_for = faults.iter().map(rule_forms::said).take(3).collect();
    form = form.refused(drawn.errors);
    if drawn.complains {
        form = form.refused(faults.iter().map(rule_forms::error));
    }
    let found = match &rule {
        Ok(rule) if drawn.finds => {
            let ids = |groups: &[ChosenGroup]| groups.iter().map(|group| group.id).collect();
            let segment = Segment {
                id: Uuid::nil(),
                name: String::new(),
                groups_in: ids(&groups_in),
                groups_not_in: ids(&groups_not_in),
                rule: rule.clone(),
                is_broken: false,
            };
            let book = live.now(conn)?;
            let today = store_day(now, settings.time_zone);
            Some(find(conn, &segment, &Frame { book: &book, currency: settings.currency, today })?)
        }
        _ => None,
    };
    let picks = |groups: Vec<ChosenGroup>| groups.into_iter().map(pick).collect();
    Ok(FormPage {
        builder: GroupPart::of(
            &draft,
            &Drawing { form: &form, currency: settings.currency, conditions: draft.conditions() },
        ),
        sentence: rule.ok().flatten().map(|rule| rule.sentence(settings.currency)).unwrap_or_default(),
        version: segment.as_ref().map_or(0, |row| row.version),
        groups_in: picks(groups_in),
        groups_not_in: picks(groups_not_in),
        conflicts: Vec::new(),
        shell,
        segment,
        form,
        waits_for,
        found,
    })
}

fn pick(group: ChosenGroup) -> Pick {
    Pick { value: group.id.to_string(), hint: group.hint().into(), label: group.name }
}

/// What a picker of groups says; its texts become ids.
fn side(
    conn: &mut PgConnection,
    form: &mut FormState,
    name: &str,
    kept: &[Uuid],
    tells: bool,
) -> Result<Vec<ChosenGroup>> {
    let (picks, unknown) = groups::picks(conn, &form.picked(name), kept)?;
    form.remove(name);
    for pick in &picks {
        form.push(name, pick.id);
    }
    if tells {
        let error = |text| FieldError::new(name, format!("There is no group “{text}”. Choose one of the suggestions."));
        *form = std::mem::take(form).refused(unknown.into_iter().map(error));
    }
    Ok(picks)
}

fn find(conn: &mut PgConnection, segment: &Segment, frame: &Frame<'_>) -> Result<Found> {
    let audience = Audience::of(segment);
    let count = audience::count(conn, &audience, frame)?;
    Ok(Found { count, first: audience::page(conn, &audience, frame, &Place::Start, NAMED)?.rows })
}
