//! What the columns of a file are: guessed or remembered, and changed where that is wrong.

use super::parse_id;
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::error::{Error, FieldError};
use crate::imports::actions::tasks::{begin, columns};
use crate::imports::kind::Missing;
use crate::imports::store::tasks as store;
use crate::imports::task::{Options, Task};
use crate::web::errors::PageError;
use crate::web::forms::{Choice, FormState};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "imports/columns.html")]
struct ColumnsPage {
    shell: Shell,
    task: Task,
    form: FormState,
}

/// A column of the file.
struct Column<'a> {
    field: String,
    name: &'a str,
    examples: String,
}

impl ColumnsPage {
    fn columns(&self) -> Vec<Column<'_>> {
        let examples = |place: usize| {
            let found = self.task.samples.iter().filter_map(|row| row.get(place)).filter(|text| !text.is_empty());
            found.map(String::as_str).collect::<Vec<_>>().join(", ")
        };
        let named = self.task.header.iter().enumerate().filter(|(_, name)| !name.is_empty());
        named.map(|(place, name)| Column { field: field(place), name, examples: examples(place) }).collect()
    }

    fn choices(&self) -> Vec<Choice> {
        let label = |name: &str, required: bool| if required { format!("{name} (needed)") } else { name.to_owned() };
        self.task.kind.columns().iter().map(|c| Choice::new(c.name, label(c.name, c.required))).collect()
    }

    fn makes(&self) -> Vec<&'static str> {
        self.task.kind.can_create().iter().map(|missing| Missing::name(*missing)).collect()
    }
}

fn field(place: usize) -> String {
    format!("column_{place}")
}

/// The form as things are.
fn filled(task: &Task, pairs: &BTreeMap<String, String>, errors: Vec<FieldError>) -> FormState {
    let mut form = FormState::new().refused(at_fields(errors));
    for (place, name) in task.header.iter().enumerate() {
        if let Some(to) = pairs.get(name) {
            form.set(&field(place), to);
        }
    }
    let lines: Vec<String> = task.options.set.iter().map(|(name, value)| format!("{name}={value}")).collect();
    form.set("set", lines.join("\n"));
    for name in &task.options.create {
        form.push("create", name);
    }
    if task.options.good_rows {
        form.set("good_rows", "on");
    }
    form
}

/// What is wrong with the header or the mapping concerns all of it.
fn at_fields(errors: Vec<FieldError>) -> Vec<FieldError> {
    let whole = |field: String| if field == "set" { field } else { String::new() };
    errors.into_iter().map(|error| FieldError { field: whole(error.field), message: error.message }).collect()
}

fn options(task: &Task, form: &FormState) -> Result<Options, Error> {
    let chosen = |(place, name): (usize, &String)| {
        let to = form.value(&field(place));
        (name.clone(), if to.is_empty() { "-".to_owned() } else { to.to_owned() })
    };
    let named = task.header.iter().enumerate().filter(|(_, name)| !name.is_empty());
    let mut set = Vec::new();
    for line in form.value("set").lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once('=').ok_or_else(|| {
            let shown: String = line.chars().take(40).collect();
            Error::field("set", format!("“{shown}” is not of the form column=value."))
        })?;
        set.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    Ok(Options {
        map: named.map(chosen).collect(),
        set,
        create: form.values("create").map(str::to_owned).collect(),
        good_rows: form.is("good_rows", "on"),
    })
}

/// `GET /imports/{id}/columns`.
pub async fn open(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Import)?;
    let id = parse_id(&id)?;
    let (task, form) = db
        .read(move |conn| {
            let task = store::get(conn, id)?;
            let (pairs, errors) = columns(conn, &task, &actor)?;
            let form = filled(&task, &pairs, errors);
            Ok((task, form))
        })
        .await?;
    Ok(respond::page(&ColumnsPage { shell, task, form })?)
}

/// `POST /imports/{id}/columns`: checks the file, read so.
pub async fn check(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Import)?;
    let id = parse_id(&id)?;
    let form = form.into_inner();
    let typed = form.clone();
    let task = db.read(move |conn| store::get(conn, id)).await?;
    let asked = options(&task, &typed);
    let begun = match asked {
        Ok(options) => db.write(move |conn| begin(conn, id, Some(options), true, &actor)).await,
        Err(error) => Err(error),
    };
    match begun {
        Ok(_) => Ok(hx.see_other(&format!("/imports/{id}"))),
        Err(Error::Invalid(errors)) => {
            let form = form.refused(at_fields(errors));
            Ok(respond::html(StatusCode::UNPROCESSABLE_ENTITY, &ColumnsPage { shell, task, form })?)
        }
        Err(error) => Err(error.into()),
    }
}
