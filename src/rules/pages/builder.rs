//! `/groups/{id}/rules`: the rule as it is written, with whom it finds, the difference before it is saved, and its runs.

use super::entered::{save, told};
use super::finding::{Asked, Finding, find, first_few};
use super::parse_id;
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::db::keyset::Place;
use crate::error::{Error, FieldError, Result};
use crate::groups::group::GroupType;
use crate::groups::store::{self as groups, Group};
use crate::groups::tabs::{Tab, tabs};
use crate::rules::condition::GroupName;
use crate::rules::draft::Draft;
use crate::rules::drawn::{Frame, GroupPart};
use crate::rules::forms;
use crate::rules::run::Every;
use crate::rules::store::preview::{Listed, Who};
use crate::rules::store::rules::{self, json_of};
use crate::rules::store::runs::{self, Run, RunKey, Somebody};
use crate::rules::store::schedule::{self, Schedule};
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::forms::{Choice, FormState};
use crate::web::htmx::Hx;
use crate::web::query::{Pager, Query};
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::Value;
use uuid::Uuid;

/// Runs on a page.
const RUNS: usize = 20;
/// Names of a held run's list that are shown at once.
const LEAVING: usize = 10;

#[derive(Template)]
#[template(path = "rules/edit.html", blocks = ["rule", "preview", "runs"])]
struct RulesPage {
    shell: Shell,
    tabs: Vec<Tab>,
    group: Group,
    store: StoreSettings,
    schedule: Option<Schedule>,
    /// What was entered and is wrong, and how often it runs.
    form: FormState,
    builder: GroupPart,
    /// The rule in words; empty while it isn't complete.
    sentence: String,
    /// What is still missing, where nobody has asked to save yet.
    waits_for: Vec<String>,
    finding: Option<Finding>,
    difference: Option<Difference>,
    /// What somebody else saved meanwhile.
    theirs: Option<String>,
    runs: Vec<Run>,
    pager: Pager,
    held: Option<Held>,
    may_edit: bool,
}

/// What saving would do, before it is saved.
struct Difference {
    joins: i64,
    leaves: i64,
    joining: Vec<Listed>,
    leaving: Vec<Listed>,
    /// The rule that this is the difference of.
    rule: String,
}

/// The run that waits for approval.
struct Held {
    run: Run,
    leaving: Vec<Somebody>,
}

impl RulesPage {
    fn everies(&self) -> Vec<Choice> {
        Every::ALL.iter().map(|every| Choice::new(every.name(), every.label())).collect()
    }

    fn is_manual(&self) -> bool {
        self.group.kind() == GroupType::Manual
    }

    fn matched_note(&self, finding: &Finding) -> String {
        format!(
            "{}% of {}",
            finding.percent(finding.preview.matched),
            counted(finding.preview.customers, "customer", "customers")
        )
    }
}

/// What the person does with the draft.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// Goes on writing; nothing is complained about yet.
    Write,
    /// Wants to see whom it finds.
    Preview,
    /// Wants to save: the difference comes first.
    Save,
    /// Has seen the difference.
    Confirm,
}

/// What a request is about.
struct Wanted {
    id: Uuid,
    step: Step,
    asked: Asked,
    /// The draft in the form; `None`: the stored rule.
    form: Option<FormState>,
    /// Whether customers are looked for at all.
    finds: bool,
    runs: Place<RunKey>,
}

/// `GET /groups/{id}/rules`: the stored rule. Whom it finds comes after the page, or with `part=preview`.
pub async fn show(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let query = Query::new(format!("/groups/{id}/rules"), request.query_string());
    let wanted = Wanted {
        id,
        step: Step::Write,
        asked: Asked::of(query.get("show")),
        form: None,
        finds: hx.wants("preview") || query.get("part") == "preview" || !query.get("show").is_empty(),
        runs: Place::of(query.get("after"), query.get("before")),
    };
    let now = clock.now();
    let page = db.read(move |conn| load(conn, shell, &actor, &wanted, &query, now)).await?;
    answer(StatusCode::OK, &hx, &page)
}

fn answer(status: StatusCode, hx: &Hx, page: &RulesPage) -> Result<HttpResponse, PageError> {
    let answered = if hx.wants("preview") {
        respond::page(&page.as_preview())
    } else if hx.wants("rule") {
        respond::html(status, &page.as_rule())
    } else if hx.wants("runs") {
        respond::page(&page.as_runs())
    } else {
        respond::html(status, page)
    };
    Ok(answered?)
}

/// `POST /groups/{id}/rules`: a change of the draft, a preview, the difference, or saving, as the button says.
pub async fn change(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditGroups)?;
    let (id, form, now) = (parse_id(&id)?, form.into_inner(), clock.now());
    let step = match form.value("do") {
        "save" => Step::Save,
        "confirm" => Step::Confirm,
        _ if form.value("do") == "preview" || form.has("show") || hx.wants("preview") => Step::Preview,
        _ => Step::Write,
    };
    let mut errors = Vec::new();
    if step == Step::Confirm {
        let (typed, by) = (form.clone(), actor.clone());
        match db.write(move |conn| save(conn, &by, id, &typed, now)).await {
            Ok(run) => {
                leave(&session, Flash::success(told(&run)))?;
                return Ok(hx.see_other(&format!("/groups/{id}/rules")));
            }
            Err(Error::Stale(sentence) | Error::Conflict(sentence)) => errors.push(FieldError::new("", sentence)),
            Err(Error::Invalid(found)) => errors.extend(found.into_iter().filter(|error| error.field == "every")),
            Err(error) => return Err(error.into()),
        }
    }
    let is_stale = errors.iter().any(|error| error.field.is_empty());
    let wanted = Wanted {
        id,
        finds: step == Step::Preview,
        asked: Asked::of(form.value("show")),
        step: if step == Step::Confirm { Step::Save } else { step },
        form: Some(form),
        runs: Place::Start,
    };
    let query = Query::new(format!("/groups/{id}/rules"), "");
    let mut page = db.read(move |conn| load(conn, shell, &actor, &wanted, &query, now)).await?;
    let status = match (is_stale, page.form.errors().is_empty() && errors.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, true) => StatusCode::OK,
    };
    page.form = page.form.refused(errors);
    answer(status, &hx, &page)
}

fn load(
    conn: &mut PgConnection,
    shell: Shell,
    actor: &Actor,
    wanted: &Wanted,
    query: &Query,
    now: DateTime<Utc>,
) -> Result<RulesPage> {
    let group = groups::live(conn, wanted.id)?;
    let store = store_settings::load(conn)?;
    let schedule = schedule::find(conn, group.id)?;
    let stored = group.rule.clone();
    let names = rules::named(conn, &stored.iter().collect::<Vec<_>>())?;
    let mut draft = match &wanted.form {
        Some(form) => forms::read(form),
        None => stored.as_ref().map_or_else(Draft::blank, |rule| Draft::of_json(rule, &names)),
    };
    let mut form = wanted.form.clone().unwrap_or_default();
    if wanted.form.is_none() {
        form.set("every", schedule.as_ref().map(Schedule::every).unwrap_or_default().name());
        base_on(&mut form, stored.as_ref(), schedule.as_ref());
    }
    if let Some(edit) = forms::edit(form.value("do")) {
        draft.edit(&edit);
    }
    let value = json_of(conn, &draft)?;
    let read = rules::read(conn, &value, Some(group.id), store.currency)?;
    let (rule, faults) = match read {
        Ok(rule) => (Some(rule), Vec::new()),
        Err(faults) => (None, faults),
    };
    let complains = matches!(wanted.step, Step::Save | Step::Confirm) || form.value("do") == "preview";
    let waits_for = faults.iter().map(forms::said).take(3).collect();
    if complains {
        form = form.refused(faults.iter().map(forms::error));
    }
    let saves = wanted.step == Step::Save;
    let finding = match &rule {
        Some(rule) if wanted.finds || saves => Some(find(conn, rule, &group, &store, &wanted.asked, now)?),
        _ => None,
    };
    let difference = match (&rule, &finding) {
        (Some(rule), Some(finding)) if saves => {
            let (joining, leaving) = first_few(conn, rule, &group, &store, &finding.preview, now)?;
            let (joins, leaves) = (finding.preview.joins, finding.preview.leaves);
            Some(Difference { joins, leaves, joining, leaving, rule: value.to_string() })
        }
        _ => None,
    };
    let theirs = if saves { theirs(&form, stored.as_ref(), schedule.as_ref(), &names, &store) } else { None };
    if saves {
        base_on(&mut form, stored.as_ref(), schedule.as_ref());
    }
    form.set("version", group.version);
    let held = match runs::held(conn, group.id)? {
        Some(run) => Some(Held { leaving: runs::leaving(conn, run.id, None, LEAVING)?, run }),
        None => None,
    };
    let page = runs::page(conn, group.id, &wanted.runs, RUNS)?;
    Ok(RulesPage {
        tabs: tabs(group.id, "Rules"),
        builder: GroupPart::of(
            &draft,
            &Frame { form: &form, currency: store.currency, conditions: draft.conditions() },
        ),
        sentence: rule.as_ref().map(|rule| rule.sentence(store.currency)).unwrap_or_default(),
        pager: Pager::of(query, &page, |run| (run.started_at, run.id), "The newest first"),
        may_edit: actor.may(Permission::EditGroups),
        runs: page.rows,
        shell,
        group,
        store,
        schedule,
        form,
        waits_for,
        finding,
        difference,
        theirs,
        held,
    })
}

/// What the form began with, so that it is told when somebody else saves something else meanwhile.
fn base_on(form: &mut FormState, rule: Option<&Value>, schedule: Option<&Schedule>) {
    form.set("base", rule.map(Value::to_string).unwrap_or_default());
    form.set("base_every", schedule.map(Schedule::every).unwrap_or_default().name());
}

/// What somebody else saved since the form was opened, in words.
fn theirs(
    form: &FormState,
    rule: Option<&Value>,
    schedule: Option<&Schedule>,
    names: &[GroupName],
    store: &StoreSettings,
) -> Option<String> {
    let every = schedule.map(Schedule::every).unwrap_or_default();
    let is_same_rule = form.value("base") == rule.map(Value::to_string).unwrap_or_default();
    if is_same_rule && form.value("base_every") == every.name() {
        return None;
    }
    let rule = rule.map_or_else(|| "no rule".to_owned(), |rule| sentence_of(rule, names, store));
    Some(format!("{rule} Runs by itself: {}.", every.label()))
}

fn sentence_of(value: &Value, names: &[GroupName], store: &StoreSettings) -> String {
    rules::read_stored(value, names, store.currency)
        .map_or_else(|_| value.to_string(), |rule| rule.sentence(store.currency))
}
