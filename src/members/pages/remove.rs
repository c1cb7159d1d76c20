//! Removing customers from a group (SPEC 4, the seed's "Removing Customers").

use super::super::actions::{self, Done, REASON_CHARACTERS};
use super::super::choice::Afterwards;
use super::super::forms;
use super::super::listing::{Order, Sort};
use super::super::selection::{MOST_IDS, Seen};
use super::super::store::activity;
use super::super::store::list::{self, Member};
use super::add::changed;
use super::changes::after_change;
use super::{Choices, Matching, ROWS, asked, chips, filter, measure, parse_id};
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::db::keyset::Page;
use crate::error::{Error, Result};
use crate::groups::forms::{Parent, chosen_group};
use crate::groups::group::GroupType;
use crate::groups::store::{self as groups, Group, naming, standing};
use crate::groups::tabs::{Tab, tabs};
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters, long_day};
use crate::web::forms::{Choice, FormState};
use crate::web::htmx::Hx;
use crate::web::query::{Chip, Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use diesel::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "members/remove.html", blocks = ["results", "matching"])]
struct RemovePage {
    shell: Shell,
    tabs: Vec<Tab>,
    group: Group,
    store: StoreSettings,
    query: Query,
    choices: Choices,
    chips: Vec<Chip>,
    rows: Vec<Member>,
    /// What they bought this year, minor units.
    bought: HashMap<Uuid, i64>,
    today: NaiveDate,
    /// Whether only customers who were ticked on the members' page are shown.
    only_ticked: bool,
    matching: Matching,
    /// The store's default group, where that isn't this one.
    default: Option<(Uuid, String)>,
    pager: Pager,
    form: FormState,
}

impl RemovePage {
    fn outcomes(&self) -> Vec<Choice> {
        let default =
            self.default.iter().map(|(_, name)| Choice::new("default", format!("Move to default group ({name})")));
        default
            .chain([
                Choice::new("group", "Move to specific group").hint("chosen below"),
                Choice::new("none", "Remove group assignment").hint("They keep their other groups."),
            ])
            .collect()
    }

    fn counted(&self) -> Option<Seen> {
        match self.matching {
            Matching::Counted(seen) => Some(seen),
            Matching::Later => None,
        }
    }

    /// How many are ticked already.
    fn ticked(&self) -> i64 {
        i64::try_from(self.form.values("id").count()).unwrap_or_default()
    }

    fn is_ticked(&self, customer: &Uuid) -> bool {
        self.form.is("id", &customer.to_string())
    }

    fn reason_characters(&self) -> String {
        REASON_CHARACTERS.to_string()
    }

    fn matching_path(&self) -> String {
        self.query.with("part", "matching").url()
    }

    fn is_hybrid(&self) -> bool {
        self.group.kind() == GroupType::Hybrid
    }

    /// What was bought this year, or since when nothing was.
    fn activity(&self, member: &Member) -> String {
        let bought = self.bought.get(&member.customer_id).copied().unwrap_or_default();
        if bought != 0 {
            return format!("{} this year", self.store.currency.format_whole(bought));
        }
        let year_ago = self.today.checked_sub_days(Days::new(365)).unwrap_or(self.today);
        match member.last_order_on {
            None => "Never bought anything".into(),
            Some(day) if day <= year_ago => format!("No purchases for 12+ months, since {}", long_day(day)),
            Some(day) => format!("No purchases since {}", long_day(day)),
        }
    }
}

struct Loaded {
    group: Group,
    store: StoreSettings,
    page: Page<Member>,
    bought: HashMap<Uuid, i64>,
    today: NaiveDate,
    matching: Matching,
    default: Option<(Uuid, String)>,
}

/// Those whose ids the address names, or a page of all: who ordered longest ago comes first.
fn load(conn: &mut PgConnection, id: Uuid, query: &Query, count: bool, now: DateTime<Utc>) -> Result<Loaded> {
    let group = groups::live(conn, id)?;
    actions::refuse_unless_by_hand(&group)?;
    let store = store_settings::load(conn)?;
    let (filter, order) = (filter(query), Order::of(|name| query.get(name), Sort::LastOrder));
    let measure = measure(&store, now);
    let ticked: Vec<Uuid> = query.all("id").filter_map(|id| Uuid::try_parse(id).ok()).take(MOST_IDS).collect();
    let page = if ticked.is_empty() {
        list::page(conn, id, &filter, &order, &measure, ROWS)?
    } else {
        Page { rows: list::some(conn, id, &ticked)?, before: false, after: false }
    };
    let ids: Vec<Uuid> = page.rows.iter().map(|row| row.customer_id).collect();
    let today = store_day(now, store.time_zone);
    let year = NaiveDate::from_ymd_opt(today.year(), 1, 1).unwrap_or(today);
    let matching = if count { Matching::Counted(list::seen(conn, id, &filter, &measure)?) } else { Matching::Later };
    let default = standing::store_default(conn)?.filter(|(default, _)| *default != id);
    Ok(Loaded { bought: activity::bought_since(conn, &ids, year)?, group, store, page, today, matching, default })
}

fn remove_page(shell: Shell, query: Query, loaded: Loaded, form: FormState) -> RemovePage {
    let Loaded { group, store, page, bought, today, matching, default } = loaded;
    let sort = Order::of(|name| query.get(name), Sort::LastOrder).sort;
    let shown = i64::try_from(page.rows.len()).unwrap_or_default();
    let summary = format!("{} on this page", counted(shown, "customer", "customers"));
    let only_ticked = !query.get("id").is_empty();
    let preset = if default.is_some() { "default" } else { "none" };
    let form = if form.has("then") { form } else { form.with("then", preset) };
    RemovePage {
        tabs: tabs(group.id, "Members"),
        choices: Choices::of(store.currency),
        chips: chips(&query, &filter(&query), store.currency),
        pager: Pager::of(&query, &page, |row| row.cursor(sort), summary),
        shell,
        group,
        store,
        query,
        rows: page.rows,
        bought,
        today,
        only_ticked,
        matching,
        default,
        form,
    }
}

fn path(group: Uuid) -> String {
    format!("/groups/{group}/members/remove")
}

/// `GET /groups/{id}/members/remove`: the members, their rows alone, or with `part=matching` how many match. `id`: only
/// these, ticked.
pub async fn show(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditMembers)?;
    let id = parse_id(&id)?;
    let query = Query::new(path(id), request.query_string());
    let (asked, now) = (query.clone(), clock.now());
    let count = query.get("part") == "matching";
    let loaded = db.read(move |conn| load(conn, id, &asked, count, now)).await?;
    let mut form = FormState::new();
    for ticked in query.all("id") {
        form.push("id", ticked);
    }
    let page = remove_page(shell, query.without("part"), loaded, form);
    Ok(if count && hx.request {
        respond::page(&page.as_matching())?
    } else if hx.wants("results") {
        respond::page(&page.as_results())?
    } else {
        respond::page(&page)?
    })
}

/// What the form says shall become of them.
fn afterwards(conn: &mut PgConnection, form: &FormState) -> Result<Afterwards> {
    match form.value("then") {
        "none" => Ok(Afterwards::Nothing),
        "default" => match standing::store_default(conn)? {
            Some((id, _)) => Ok(Afterwards::Join(id)),
            None => Err(Error::field("then", "The store has no default group. Choose another group below.")),
        },
        "group" => match chosen_group(form, "to", |text| naming::by_name_or_code(conn, text))? {
            Parent::Group(id) => Ok(Afterwards::Join(id)),
            Parent::Top | Parent::Unknown => {
                Err(Error::field("to", "Choose the group that they move to, by its name or code."))
            }
        },
        _ => Err(Error::field("then", "Choose what becomes of the customers.")),
    }
}

/// `POST /groups/{id}/members/remove`.
pub async fn remove(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditMembers)?;
    let id = parse_id(&id)?;
    let form = form.into_inner();
    let query = forms::list_of(path(id), &form);
    let (typed, list, now) = (form.clone(), query.clone(), clock.now());
    let outcome = db
        .write(move |conn| {
            let store = store_settings::load(conn)?;
            let measure = measure(&store, now);
            let selection = forms::selection(&typed, filter(&list)).map_err(Error::Invalid)?;
            let afterwards = afterwards(conn, &typed)?;
            let reason = typed.filled("reason").unwrap_or_default();
            let done = actions::remove(conn, &asked(&actor, reason, &measure, now), id, &selection, afterwards)?;
            Ok((done, groups::live(conn, id)?.name))
        })
        .await;
    let (status, errors, count) = match outcome {
        Ok((Done::Changed(batch, outcome), name)) => return after_change(&session, &hx, id, &name, batch, &outcome),
        Ok((Done::SelectionChanged(seen), _)) => (StatusCode::CONFLICT, vec![changed(seen)], true),
        Err(Error::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors, form.has("all")),
        Err(error) => return Err(error.into()),
    };
    let asked = query.clone();
    let loaded = db.read(move |conn| load(conn, id, &asked, count, now)).await?;
    Ok(respond::html(status, &remove_page(shell, query, loaded, form.refused(errors)))?)
}
