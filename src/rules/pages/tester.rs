//! `/tools/rule-test`: why a rule assigns a customer or not, and who comes nearest (SPEC 5, "Tester").

use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::error::{FieldError, Result};
use crate::groups::store::{self as groups, Group, naming};
use crate::rules::condition::{Verdict, distance, judge};
use crate::rules::facts::Facts;
use crate::rules::rule::Rule;
use crate::rules::store::compile::{People, compile};
use crate::rules::store::{changes, facts, nearest, people, rules};
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::find::{FoundOption, Options};
use crate::web::forms::FormState;
use crate::web::htmx::Hx;
use crate::web::query::Query;
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::Deserialize;
use std::collections::HashSet;
use uuid::Uuid;

const PATH: &str = "/tools/rule-test";
/// The most customers that are tested at a time.
const MOST: usize = 20;
/// Nearest non-members that are shown.
const NEAREST: i64 = 20;
/// How somebody stands who isn't in the group.
const NOT_A_MEMBER: &str = "not a member";
/// Suggestions of a searched field.
const SUGGESTIONS: i64 = 12;

#[derive(Template)]
#[template(path = "rules/test.html", blocks = ["nearest"])]
struct TestPage {
    shell: Shell,
    form: FormState,
    group: Option<Group>,
    sentence: String,
    /// Why there is nothing to test.
    trouble: String,
    tests: Vec<Test>,
    /// `None`: they come after the page.
    nearest: Option<Vec<Near>>,
    nearest_path: String,
}

/// A customer, tested.
struct Test {
    facts: Facts,
    matches: bool,
    standing: &'static str,
    /// Why somebody who matches is no member; empty where nothing is in the way.
    obstacle: String,
    lines: Vec<Line>,
    without: String,
}

/// A condition, tested.
struct Line {
    condition: String,
    expected: String,
    actual: String,
    verdict: Verdict,
    distance: String,
}

/// Somebody who fails one condition.
struct Near {
    facts: Facts,
    line: Line,
    path: String,
}

impl Verdict {
    /// Tone, icon and word of its badge.
    fn badge(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Pass => ("good", "circle-check", "Pass"),
            Self::Fail => ("bad", "circle-x", "Fail"),
            Self::Missing => ("warn", "circle-dashed", "Missing"),
        }
    }
}

/// `GET /tools/rule-test?group=…&customer=…`
pub async fn show(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let query = Query::new(PATH, request.query_string());
    let near = hx.wants("nearest") || query.get("part") == "nearest";
    let now = clock.now();
    let page = db.read(move |conn| load(conn, shell, &query, near, now)).await?;
    Ok(if hx.wants("nearest") {
        respond::page(&page.as_nearest())?
    } else if page.form.errors().is_empty() {
        respond::page(&page)?
    } else {
        respond::refused(&page)?
    })
}

fn load(conn: &mut PgConnection, shell: Shell, query: &Query, near: bool, now: DateTime<Utc>) -> Result<TestPage> {
    let store = store_settings::load(conn)?;
    let group = chosen_group(conn, query)?;
    let mut page = TestPage {
        shell,
        form: FormState::new(),
        sentence: String::new(),
        trouble: String::new(),
        tests: Vec::new(),
        nearest: None,
        nearest_path: String::new(),
        group,
    };
    page.form.set("group_text", page.group.as_ref().map_or(query.get("group_text"), |group| &group.name));
    let mut chosen: Vec<Uuid> = query.all("customer").filter_map(|text| Uuid::try_parse(text).ok()).collect();
    let typed = query.get("customer_text").trim();
    if let Some(found) = people::by_code_or_name(conn, typed)? {
        chosen.push(found);
    } else if !typed.is_empty() && query.get("customer").is_empty() {
        page.trouble = "There is no customer of this name or code. Choose one of the suggestions.".into();
    }
    let mut seen = HashSet::new();
    chosen.retain(|id| seen.insert(*id));
    chosen.truncate(MOST);
    let Some(group) = &page.group else {
        let said = match (query.get("group_text").trim(), query.get("group")) {
            ("", "") => None,
            ("", _) => Some("This group doesn't exist or was deleted. Choose another one."),
            _ => Some("There is no group of this name or code. Choose one of the suggestions."),
        };
        page.form = page.form.refused(said.map(|said| FieldError::new("group", said)));
        return Ok(page);
    };
    page.form.set("group", group.id);
    if group.rule.is_none() {
        page.trouble = format!("{} has no rule: its members are chosen by hand.", group.name);
        return Ok(page);
    }
    let rule = rules::stored(conn, group, store.currency)?;
    page.sentence = rule.sentence(store.currency);
    let address =
        chosen.iter().fold(format!("{PATH}?group={}", group.id), |address, id| format!("{address}&customer={id}"));
    page.nearest_path = format!("{address}&part=nearest");
    page.tests = tests(conn, &rule, group, &store, &chosen, now)?;
    if near {
        page.nearest = Some(near_ones(conn, &rule, group, &store, &address, now)?);
    }
    Ok(page)
}

/// The group that was picked: by id where its name still stands in the field, otherwise by what stands there.
fn chosen_group(conn: &mut PgConnection, query: &Query) -> Result<Option<Group>> {
    let by_id = match Uuid::try_parse(query.get("group")) {
        Ok(id) => groups::any(conn, id)?.filter(|group| group.deleted_at.is_none()),
        Err(_) => None,
    };
    let text = query.get("group_text").trim().replace('\0', "");
    if by_id.as_ref().is_some_and(|group| text.is_empty() || group.name == text) || text.is_empty() {
        return Ok(by_id);
    }
    match naming::by_name_or_code(conn, &text)? {
        Some(id) => groups::any(conn, id),
        None => Ok(None),
    }
}

fn tests(
    conn: &mut PgConnection,
    rule: &Rule,
    group: &Group,
    store: &StoreSettings,
    chosen: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<Test>> {
    let today = store_day(now, store.time_zone);
    let standing = changes::standing(conn, &[group.id], chosen)?;
    let excluded = changes::excluded(conn, &[group.id], chosen)?;
    let mut facts = facts::load(conn, chosen, &rule.windows(), store.currency, today)?;
    facts.sort_by_key(|facts| chosen.iter().position(|id| *id == facts.id));
    let test = |facts: Facts| {
        let stands = standing.iter().find(|(_, customer, ..)| *customer == facts.id);
        let others = chosen.iter().filter(|id| **id != facts.id);
        Test {
            obstacle: obstacle(group, &facts),
            matches: rule.holds(&facts),
            standing: match stands {
                Some((_, _, true, true)) => "member by rule and by hand",
                Some((_, _, true, false)) => "member by hand",
                Some(_) => "member by rule",
                None if excluded.iter().any(|(_, customer)| *customer == facts.id) => "excluded by hand",
                None => NOT_A_MEMBER,
            },
            lines: rule.conditions().into_iter().map(|condition| Line::of(condition, &facts, store)).collect(),
            without: others
                .fold(format!("{PATH}?group={}", group.id), |address, id| format!("{address}&customer={id}")),
            facts,
        }
    };
    Ok(facts.into_iter().map(test).collect())
}

/// What keeps somebody who matches from joining.
fn obstacle(group: &Group, facts: &Facts) -> String {
    match group.capacity {
        _ if facts.status != "active" => format!("the customer is {} and can't join", facts.status),
        Some(capacity) if group.member_count >= capacity => format!("the group is full (capacity {capacity})"),
        _ => String::new(),
    }
}

impl Line {
    fn of(condition: &crate::rules::condition::Condition, facts: &Facts, store: &StoreSettings) -> Self {
        let verdict = judge(condition, facts);
        let gap = if verdict == Verdict::Fail { distance(condition, facts, store.currency) } else { None };
        Self {
            condition: condition.field.words(),
            expected: format!("{} {}", condition.op.label(condition.field.kind()), condition.expected(store.currency)),
            actual: condition.actual_words(facts, store.currency),
            verdict,
            distance: gap.unwrap_or_default(),
        }
    }
}

fn near_ones(
    conn: &mut PgConnection,
    rule: &Rule,
    group: &Group,
    store: &StoreSettings,
    address: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Near>> {
    let today = store_day(now, store.time_zone);
    let compiled = compile(rule, store.currency, today, &People::All);
    let ids = nearest::nearest(conn, &compiled, group.id, NEAREST)?;
    let mut found = facts::load(conn, &ids, &rule.windows(), store.currency, today)?;
    found.sort_by_key(|facts| ids.iter().position(|id| *id == facts.id));
    let near = |facts: Facts| {
        let failing = rule.what_lacks(&facts)?;
        Some(Near { line: Line::of(failing, &facts, store), path: format!("{address}&customer={}", facts.id), facts })
    };
    Ok(found.into_iter().filter_map(near).collect())
}

#[derive(Debug, Deserialize)]
pub struct Typed {
    #[serde(default)]
    q: String,
}

impl Typed {
    fn text(&self) -> String {
        self.q.chars().filter(|c| *c != '\0').take(120).collect::<String>().trim().to_owned()
    }
}

/// `GET /tools/rule-test/customers?q=`: suggestions.
pub async fn customers(db: web::Data<Db>, actor: Actor, typed: web::Query<Typed>) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let found = db.read(move |conn| people::search(conn, &typed.text(), SUGGESTIONS)).await?;
    let options = found.into_iter().map(|one| FoundOption { id: one.id.to_string(), label: one.name, hint: one.code });
    Ok(respond::page(&Options { options: options.collect() })?)
}

/// `GET /tools/rule-test/options?q=`: suggestions, groups with a rule only.
pub async fn groups(db: web::Data<Db>, actor: Actor, typed: web::Query<Typed>) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let found = db.read(move |conn| people::ruled_groups(conn, &typed.text(), SUGGESTIONS)).await?;
    let options = found.into_iter().map(|one| FoundOption { id: one.id.to_string(), label: one.name, hint: one.code });
    Ok(respond::page(&Options { options: options.collect() })?)
}
