//! Adding customers to a group (SPEC 4, the seed's "Adding Customers").

use super::super::actions::{self, Done, REASON_CHARACTERS};
use super::super::choice::Mode;
use super::super::forms;
use super::super::listing::{Order, Sort};
use super::super::store::candidates::{self, Candidate, In};
use super::changes::after_change;
use super::{Choices, Matching, ROWS, asked, chips, filter, measure, parse_id};
use crate::auth::role::{Actor, Permission};
use crate::clock::Clock;
use crate::db::Db;
use crate::db::keyset::Page;
use crate::error::{Error, FieldError, Result};
use crate::groups::group::GroupType;
use crate::groups::store::list::all_customers;
use crate::groups::store::{self as groups, Group};
use crate::groups::tabs::{Tab, tabs};
use crate::members::selection::Seen;
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::forms::{Choice, FormState};
use crate::web::htmx::Hx;
use crate::web::query::{Chip, Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "members/add.html", blocks = ["results", "matching"])]
struct AddPage {
    shell: Shell,
    tabs: Vec<Tab>,
    group: Group,
    store: StoreSettings,
    query: Query,
    choices: Choices,
    chips: Vec<Chip>,
    rows: Vec<Candidate>,
    groups: HashMap<Uuid, Vec<In>>,
    matching: Matching,
    pager: Pager,
    form: FormState,
}

impl AddPage {
    fn modes(&self) -> Vec<Choice> {
        Mode::ALL.iter().map(|mode| Choice::new(mode.name(), mode.label()).hint(mode.meaning())).collect()
    }

    fn counted(&self) -> Option<Seen> {
        match self.matching {
            Matching::Counted(seen) => Some(seen),
            Matching::Later => None,
        }
    }

    fn is_full(&self) -> bool {
        self.free() == Some(0)
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

    fn groups_of(&self, customer: &Uuid) -> &[In] {
        self.groups.get(customer).map_or(&[], Vec::as_slice)
    }

    /// Free places, where the group has a capacity.
    fn free(&self) -> Option<i32> {
        self.group.capacity.map(|capacity| (capacity - self.group.member_count).max(0))
    }
}

struct Loaded {
    group: Group,
    store: StoreSettings,
    page: Page<Candidate>,
    groups: HashMap<Uuid, Vec<In>>,
    matching: Matching,
    everyone: i64,
}

fn load(conn: &mut PgConnection, id: Uuid, query: &Query, count: bool, now: DateTime<Utc>) -> Result<Loaded> {
    let group = groups::live(conn, id)?;
    actions::refuse_unless_by_hand(&group)?;
    let store = store_settings::load(conn)?;
    let (filter, order) = (filter(query), Order::of(|name| query.get(name), Sort::Name));
    let measure = measure(&store, now);
    let page = candidates::page(conn, id, &filter, &order, &measure, ROWS)?;
    let ids: Vec<Uuid> = page.rows.iter().map(|row| row.id).collect();
    let matching = if count { Matching::Counted(candidates::seen(conn, &filter, &measure)?) } else { Matching::Later };
    Ok(Loaded {
        groups: candidates::groups_of(conn, &ids)?,
        everyone: all_customers(conn)?,
        group,
        store,
        page,
        matching,
    })
}

fn add_page(shell: Shell, query: Query, loaded: Loaded, form: FormState) -> AddPage {
    let Loaded { group, store, page, groups, matching, everyone } = loaded;
    let shown = i64::try_from(page.rows.len()).unwrap_or_default();
    let all =
        if filter(&query).is_plain() { format!(" of {}", crate::money::format_count(everyone)) } else { String::new() };
    let summary = format!("{} on this page{all}, by name", counted(shown, "customer", "customers"));
    AddPage {
        tabs: tabs(group.id, "Members"),
        choices: Choices::of(store.currency),
        chips: chips(&query, &filter(&query), store.currency),
        pager: Pager::of(&query, &page, Candidate::cursor, summary),
        shell,
        group,
        store,
        query,
        rows: page.rows,
        groups,
        matching,
        form,
    }
}

fn path(group: Uuid) -> String {
    format!("/groups/{group}/members/add")
}

/// `GET /groups/{id}/members/add`: the search, its results alone, or with `part=matching` how many match.
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
    let form = FormState::new().with("mode", Mode::Only.name());
    let page = add_page(shell, query.without("part"), loaded, form);
    Ok(if count && hx.request {
        respond::page(&page.as_matching())?
    } else if hx.wants("results") {
        respond::page(&page.as_results())?
    } else {
        respond::page(&page)?
    })
}

/// `POST /groups/{id}/members/add`.
pub async fn add(
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
            let mode = forms::mode(&typed).map_err(Error::Invalid)?;
            let selection = forms::selection(&typed, filter(&list)).map_err(Error::Invalid)?;
            let reason = typed.filled("reason").unwrap_or_default();
            let done = actions::add(conn, &asked(&actor, reason, &measure, now), id, &selection, mode)?;
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
    Ok(respond::html(status, &add_page(shell, query, loaded, form.refused(errors)))?)
}

/// What is said where the selection isn't what it was when its number was shown.
pub(super) fn changed(seen: Seen) -> FieldError {
    let now = counted(seen.count, "customer matches", "customers match");
    FieldError::new(
        "id",
        format!("Who matches has changed since it was counted: now {now}. Nobody was changed; look again."),
    )
}
