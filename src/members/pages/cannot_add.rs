//! `/tools/cannot-add`: why a customer can't be added to a group (SPEC 9, the seed's "Cannot add customer to group").

use super::super::refusal::{Cause, Refusal};
use super::super::standing::Standing;
use super::super::store::explain::{self, Found};
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::error::Result;
use crate::groups::forms::{Parent, chosen_group};
use crate::groups::store::{self as groups, Group, naming};
use crate::web::errors::PageError;
use crate::web::find::{FoundOption, Options};
use crate::web::forms::FormState;
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use serde::Deserialize;
use uuid::Uuid;

const HITS: i64 = 8;

/// A cause with where it can be mended.
struct Obstacle {
    refusal: Refusal,
    /// Where: what the link says, and where it goes.
    link: Option<(&'static str, String)>,
}

/// The answer for a customer and a group.
struct Answer {
    customer: Found,
    group: Group,
    standing: Standing,
    obstacles: Vec<Obstacle>,
}

#[derive(Template)]
#[template(path = "members/cannot_add.html")]
struct CannotAddPage {
    shell: Shell,
    form: FormState,
    answer: Option<Answer>,
    may_edit: bool,
}

fn link(cause: Cause, customer: Uuid, group: &Group) -> Option<(&'static str, String)> {
    let id = group.id;
    match cause {
        Cause::Automatic | Cause::Full => Some(("Edit the group", format!("/groups/{id}/edit"))),
        Cause::GroupGone if group.deleted_at.is_some() => {
            Some(("Restore the group", format!("/groups/{id}/restoration")))
        }
        Cause::Excluded => Some(("Show the exclusions", format!("/groups/{id}/members?show=excluded"))),
        Cause::Blocked | Cause::Inactive | Cause::TooManyGroups => {
            Some(("Open the customer", format!("/customers/{customer}")))
        }
        _ => None,
    }
}

/// Which customer and group are meant, and the answer; what can't be found is said at its field.
fn answer(conn: &mut PgConnection, form: &FormState, may: bool) -> Result<(FormState, Option<Answer>)> {
    let mut form = form.clone();
    let mut errors = Vec::new();
    let mut miss = |field: &str, message: &str| errors.push(crate::error::FieldError::new(field, message));
    let picked = match Uuid::try_parse(form.value("customer")) {
        Ok(id) => explain::customer(conn, id)?,
        Err(_) => None,
    };
    let typed = form.filled("customer_text").map(str::to_owned);
    let customer = match (picked, typed) {
        (Some(found), None) => Some(found),
        (Some(found), Some(text)) if found.name == text => Some(found),
        (_, Some(text)) => explain::by_code_or_name(conn, &text)?,
        (None, None) => None,
    };
    let group = match chosen_group(&form, "group", |text| naming::by_name_or_code(conn, text))? {
        Parent::Group(id) => groups::any(conn, id)?,
        Parent::Top | Parent::Unknown => match Uuid::try_parse(form.value("group")) {
            Ok(id) if form.filled("group_text").is_none() => groups::any(conn, id)?,
            _ => None,
        },
    };
    if customer.is_none() {
        miss("customer", "Choose a customer from the list, or type its code or whole name.");
    }
    if group.is_none() {
        miss("group", "Choose a group from the list, or type its name or code.");
    }
    let (Some(customer), Some(group)) = (customer, group) else { return Ok((form.refused(errors), None)) };
    form.set("customer", customer.id);
    form.set("customer_text", &customer.name);
    form.set("group", group.id);
    form.set("group_text", &group.name);
    let (standing, group) = explain::standing(conn, customer.id, group.id)?;
    let obstacle = |cause| Obstacle {
        refusal: Refusal { cause, group: group.name.clone(), capacity: group.capacity },
        link: link(cause, customer.id, &group),
    };
    let obstacles = standing.obstacles(may).into_iter().map(obstacle).collect();
    Ok((form, Some(Answer { customer, standing, obstacles, group })))
}

/// `GET /tools/cannot-add`: the question, and with a customer and a group the answer.
pub async fn show(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let form: FormState = serde_urlencoded::from_str(request.query_string()).unwrap_or_default();
    let may_edit = actor.may(Permission::EditMembers);
    let is_asked = ["customer", "customer_text", "group", "group_text"].iter().any(|name| form.filled(name).is_some());
    if !is_asked {
        return Ok(respond::page(&CannotAddPage { shell, form, answer: None, may_edit })?);
    }
    let (form, answer) = db.read(move |conn| answer(conn, &form, may_edit)).await?;
    let missed = !form.errors().is_empty();
    let page = CannotAddPage { shell, form, answer, may_edit };
    Ok(if missed { respond::refused(&page)? } else { respond::page(&page)? })
}

/// What is searched.
#[derive(Debug, Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
}

/// `GET /tools/cannot-add/customers`: customers for the field that chooses one.
pub async fn customers(db: web::Data<Db>, actor: Actor, search: web::Query<Search>) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let text: String = search.q.chars().filter(|c| *c != '\0').take(120).collect();
    let found = db.read(move |conn| explain::search(conn, &text, HITS)).await?;
    let option = |found: Found| FoundOption { id: found.id.to_string(), label: found.name, hint: found.code };
    Ok(respond::page(&Options { options: found.into_iter().map(option).collect() })?)
}
