//! The people who may sign in: list, new, edit, password (SPEC 12, `/settings/users`).

use super::account_pages::repeated;
use super::actions;
use super::hashing;
use super::password::{self, Hashed};
use super::role::{Actor, Permission, Role};
use super::store::{self, User};
use super::user::NewUser;
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::db::keyset::Place;
use crate::error::{Error, FieldError, Result};
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::forms::{Choice, Conflict, FormState, conflicts, version};
use crate::web::htmx::Hx;
use crate::web::query::{Pager, Query};
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

const ROWS: usize = 50;
const LIST: &str = "/settings/users";
/// The fields of the form and what they are called where two versions stand side by side.
const FIELDS: [(&str, &str); 4] = [("name", "Name"), ("email", "Email"), ("role", "Role"), ("access", "Access")];

/// The values of the field `access`.
const ENABLED: &str = "enabled";
const DISABLED: &str = "disabled";

/// The routes, inside of the guard.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/settings/users").route(web::get().to(list)).route(web::post().to(create)))
        .service(web::resource("/settings/users/new").route(web::get().to(new)))
        .service(web::resource("/settings/users/{id}").route(web::get().to(edit)).route(web::post().to(update)));
}

#[derive(Template)]
#[template(path = "users/list.html", blocks = ["results"])]
struct ListPage {
    shell: Shell,
    users: Vec<User>,
    pager: Pager,
    store: StoreSettings,
    now: DateTime<Utc>,
}

impl ListPage {
    fn is_me(&self, user: &User) -> bool {
        self.shell.person.as_ref().is_some_and(|person| person.email == user.email)
    }
}

/// `GET /settings/users`.
pub async fn list(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManagePeople)?;
    let query = Query::new(LIST, request.query_string());
    let place = Place::of(query.get("after"), query.get("before"));
    let (found, store) =
        db.read(move |conn| Ok((store::users_page(conn, &place, ROWS)?, store_settings::load(conn)?))).await?;
    let summary =
        counted(i64::try_from(found.rows.len()).unwrap_or_default(), "user on this page", "users on this page");
    let pager = Pager::of(&query, &found, |(_, key)| key.clone(), summary);
    let users = found.rows.into_iter().map(|(user, _)| user).collect();
    let page = ListPage { shell, users, pager, store, now: clock.now() };
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

#[derive(Template)]
#[template(path = "users/form.html")]
struct FormPage {
    shell: Shell,
    /// `None` for a new one.
    user: Option<User>,
    form: FormState,
    version: i32,
    conflicts: Vec<Conflict>,
}

impl FormPage {
    fn new_user(shell: Shell, form: FormState) -> Self {
        Self { shell, user: None, form, version: 0, conflicts: Vec::new() }
    }

    fn roles(&self) -> Vec<Choice> {
        role_choices()
    }

    fn accesses(&self) -> Vec<Choice> {
        vec![
            Choice::new(ENABLED, "May sign in"),
            Choice::new(DISABLED, "May not sign in").hint("Ends all sessions at once; the name stays in the audit log"),
        ]
    }

    fn of(shell: Shell, user: User, form: FormState) -> Self {
        Self { shell, version: user.version, user: Some(user), form, conflicts: Vec::new() }
    }
}

/// The roles as cards of a form.
pub(super) fn role_choices() -> Vec<Choice> {
    Role::ALL.iter().map(|role| Choice::new(role.name(), role.label()).hint(role.meaning())).collect()
}

fn filled(user: &User) -> FormState {
    let form = FormState::new().with("name", &user.name).with("email", &user.email).with("role", user.role().name());
    form.with("access", if user.disabled_at.is_none() { ENABLED } else { DISABLED })
}

/// `GET /settings/users/new`.
pub async fn new(actor: Actor, shell: Shell) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManagePeople)?;
    Ok(respond::page(&FormPage::new_user(shell, FormState::new().with("role", Role::Viewer.name())))?)
}

/// `POST /settings/users`.
pub async fn create(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManagePeople)?;
    let mut form = form.into_inner();
    let outcome = match read_new(&form) {
        Ok((new, password)) => insert(&db, actor, new, password, clock.now()).await,
        Err(errors) => Err(Error::Invalid(errors)),
    };
    match outcome {
        Ok(name) => {
            leave(&session, Flash::success(format!("{name} may sign in now.")))?;
            Ok(hx.see_other(LIST))
        }
        Err(Error::Invalid(errors)) => {
            forget_passwords(&mut form);
            Ok(respond::refused(&FormPage::new_user(shell, form.refused(errors)))?)
        }
        Err(error) => Err(error.into()),
    }
}

/// Everything that can be said about the form without the database.
fn read_new(form: &FormState) -> Result<(NewUser, String), Vec<FieldError>> {
    let read = NewUser::parse(form.value("email"), form.value("name"), form.value("role"));
    let mut errors: Vec<FieldError> = password::check(form.value("password")).err().into_iter().collect();
    errors.extend(repeated(form));
    match read {
        Ok(new) if errors.is_empty() => Ok((new, form.value("password").to_owned())),
        Ok(_) => Err(errors),
        Err(wrong) => Err(wrong.into_iter().chain(errors).collect()),
    }
}

/// The form of somebody who is there already: the details, and whether they may sign in.
fn read_changed(form: &FormState) -> Result<(NewUser, bool), Vec<FieldError>> {
    let enabled = form.is("access", ENABLED);
    let known = enabled || form.is("access", DISABLED);
    let unknown = (!known).then(|| FieldError::new("access", "Choose whether this person may sign in."));
    match (NewUser::parse(form.value("email"), form.value("name"), form.value("role")), unknown) {
        (Ok(new), None) => Ok((new, enabled)),
        (Ok(_), Some(error)) => Err(vec![error]),
        (Err(wrong), unknown) => Err(wrong.into_iter().chain(unknown).collect()),
    }
}

async fn insert(db: &Db, actor: Actor, new: NewUser, password: String, now: DateTime<Utc>) -> Result<String> {
    let hashed = hashed(password).await?;
    db.write(move |conn| {
        actions::create_user(conn, &actor, &new, &hashed, now)?;
        Ok(new.name)
    })
    .await
}

/// Hashes off the async threads, and without a connection.
pub(super) async fn hashed(password: String) -> Result<Hashed> {
    hashing::in_turn(move || Hashed::of(&password)).await
}

/// A page never holds a password.
fn forget_passwords(form: &mut FormState) {
    form.set("password", "");
    form.set("again", "");
}

/// `GET /settings/users/{id}`.
pub async fn edit(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManagePeople)?;
    let id = parse_id(&id)?;
    let user = db.read(move |conn| store::user(conn, id)).await?;
    let form = filled(&user);
    Ok(respond::page(&FormPage::of(shell, user, form))?)
}

/// `POST /settings/users/{id}`. Over somebody else's change it saves nothing and shows both sides.
pub async fn update(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManagePeople)?;
    let id = parse_id(&id)?;
    let form = form.into_inner();
    let version = version(&form)?;
    let now = clock.now();
    let outcome = match read_changed(&form) {
        Ok((new, enabled)) => {
            db.write(move |conn| actions::change_user(conn, &actor, id, version, &new, enabled, now)).await
        }
        // Whether there is such a person comes first.
        Err(errors) => db.read(move |conn| store::user(conn, id)).await.and(Err(Error::Invalid(errors))),
    };
    match outcome {
        Ok(()) => {
            leave(&session, Flash::success(format!("{} is saved.", form.value("name").trim())))?;
            Ok(hx.see_other(LIST))
        }
        Err(Error::Invalid(errors)) => {
            let user = db.read(move |conn| store::user(conn, id)).await?;
            let mut page = FormPage::of(shell, user, form.refused(errors));
            // Whoever mends the errors still saves over the version that the form was filled from.
            page.version = version;
            Ok(respond::refused(&page)?)
        }
        Err(Error::Stale(sentence)) => {
            let user = db.read(move |conn| store::user(conn, id)).await?;
            let conflicts = conflicts(&FIELDS, &filled(&user), &form);
            let mut page = FormPage::of(shell, user, form.refused([FieldError::new("", sentence)]));
            page.conflicts = conflicts;
            Ok(respond::html(StatusCode::CONFLICT, &page)?)
        }
        Err(error) => Err(error.into()),
    }
}

/// An id in an address; one that is none names nobody.
pub(super) fn parse_id(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| Error::NotFound("This user doesn't exist.".into()))
}
