//! What was imported, the newest first, and the form that sends another file.

use crate::auth::guard::{forged, same};
use crate::auth::role::{Actor, Permission};
use crate::clock::Clock;
use crate::db::Db;
use crate::db::keyset::{Page, Place};
use crate::error::{Error, FieldError};
use crate::imports::actions::tasks::receive as take_in;
use crate::imports::kind::Kind;
use crate::imports::store::tasks::{self as store, TaskKey};
use crate::imports::task::{MOST_BYTES, Task};
use crate::imports::upload;
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::forms::{Choice, FormState};
use crate::web::htmx::Hx;
use crate::web::query::{Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

const ROWS: usize = 25;

#[derive(Template)]
#[template(path = "imports/list.html", blocks = ["results"])]
struct ListPage {
    shell: Shell,
    form: FormState,
    rows: Vec<Task>,
    pager: Pager,
    store: StoreSettings,
    may_import: bool,
}

impl ListPage {
    fn kinds(&self) -> Vec<Choice> {
        Kind::ALL.iter().map(|kind| Choice::new(kind.name(), capital(kind.noun()))).collect()
    }

    fn most_megabytes(&self) -> u64 {
        MOST_BYTES >> 20
    }
}

fn capital(noun: &str) -> String {
    let mut letters = noun.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

async fn load(db: &Db, actor: &Actor, shell: Shell, query: Query, form: FormState) -> Result<ListPage, Error> {
    let place: Place<TaskKey> = Place::of(query.get("after"), query.get("before"));
    let load = move |conn: &mut _| Ok((store_settings::load(conn)?, store::page(conn, &place, ROWS)?));
    let (store, page): (StoreSettings, Page<Task>) = db.read(load).await?;
    let shown = i64::try_from(page.rows.len()).unwrap_or_default();
    let summary = format!("{} on this page, the newest first", counted(shown, "import", "imports"));
    let pager = Pager::of(&query, &page, |task| (task.created_at, task.id), summary);
    Ok(ListPage { shell, form, rows: page.rows, pager, store, may_import: actor.may(Permission::Import) })
}

/// `GET /imports`.
pub async fn list(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let query = Query::new("/imports", request.query_string());
    let page = load(&db, &actor, shell, query, FormState::new()).await?;
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

/// `POST /imports`: takes in a file; its columns are next. The guard leaves the form's token to this handler, as the file
/// stands behind it ([`crate::auth::guard`]).
pub async fn receive(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Import)?;
    let admit = |form: &upload::Form| if same(form.value("csrf"), &shell.csrf) { Ok(()) } else { Err(forged()) };
    let read = upload::form(&request, body, admit).await;
    let kind = read.as_ref().map(|form| form.value("kind").to_owned()).unwrap_or_default();
    let received = match read.and_then(|mut form| form.sent()) {
        Ok((mut file, sent)) => {
            let (actor, now) = (actor.clone(), clock.now());
            db.write(move |conn| take_in(conn, &mut file, sent, &actor, now)).await
        }
        Err(error) => Err(error),
    };
    let (status, errors) = match received {
        Ok(task) => return Ok(hx.see_other(&format!("/imports/{}/columns", task.id))),
        Err(Error::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Err(Error::TooLarge(told)) => (StatusCode::PAYLOAD_TOO_LARGE, vec![FieldError::new("file", told)]),
        Err(error) => return Err(error.into()),
    };
    let form = FormState::new().with("kind", kind).refused(errors);
    let page = load(&db, &actor, shell, Query::new("/imports", ""), form).await?;
    Ok(respond::html(status, &page)?)
}
