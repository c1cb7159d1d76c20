//! Signing in, and managing people and tokens: permission, change and audit event together.

use super::password::Hashed;
use super::role::{Actor, ActorKind, Permission, Role};
use super::store;
use super::throttle::{self, Subjects};
use super::token::Secret;
use super::user::NewUser;
use crate::audit::event::{Action, NewEvent, difference};
use crate::audit::store::record;
use crate::error::{Error, FieldError, Result};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Value, json};
use uuid::Uuid;

/// First half of a sign-in: counts the attempt and finds the account, if there is one.
pub fn begin_sign_in(
    conn: &mut PgConnection,
    email: &str,
    subjects: &Subjects,
    now: DateTime<Utc>,
) -> Result<Option<store::User>> {
    throttle::count_attempt(conn, subjects, now)?;
    store::user_by_email(conn, email)
}

/// Second half, after the password was found right: the person is in.
///
/// # Errors
/// [`Error::Unauthenticated`] for an account that is disabled, or that got another password since `user` was read.
pub fn complete_sign_in(
    conn: &mut PgConnection,
    user: &store::User,
    subjects: &Subjects,
    request_id: Option<String>,
    now: DateTime<Utc>,
) -> Result<()> {
    let current = store::user_for_update(conn, user.id)?;
    if current.disabled_at.is_some() || current.password_hash != user.password_hash {
        return Err(Error::Unauthenticated);
    }
    throttle::forget(conn, subjects)?;
    store::signed_in(conn, user.id, now)?;
    let actor =
        Actor { kind: ActorKind::User, id: Some(user.id), name: user.name.clone(), role: user.role(), request_id };
    record(conn, &actor, now, &NewEvent::about(Action::SignedIn, Some(user.id), &user.email, None, None))
}

/// Makes a person who can sign in with `password`.
pub fn create_user(
    conn: &mut PgConnection,
    actor: &Actor,
    new: &NewUser,
    password: &Hashed,
    now: DateTime<Utc>,
) -> Result<Uuid> {
    actor.require(Permission::ManagePeople)?;
    let id = store::insert_user(conn, new, password.as_str(), now)?;
    let after = user_fields(new, true);
    record(conn, actor, now, &NewEvent::about(Action::UserCreated, Some(id), &new.email, None, Some(after)))?;
    Ok(id)
}

/// Changes a person's details. A change of role or access ends the person's sessions. The last administrator
/// stays one, or nobody could mend anything.
pub fn change_user(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: i32,
    new: &NewUser,
    enabled: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    actor.require(Permission::ManagePeople)?;
    let admins = store::lock_active_admins(conn)?;
    let old = store::user_for_update(conn, id)?;
    if old.version != version {
        return Err(Error::Stale(format!(
            "Somebody changed {} meanwhile. Look at the new values and try again.",
            old.name
        )));
    }
    if admins == [id] && (new.role != Role::Admin || !enabled) {
        return Err(Error::Invalid(vec![FieldError::new(
            "role",
            "This is the last administrator. Make somebody else an administrator first.",
        )]));
    }
    let before = user_fields(
        &NewUser { email: old.email.clone(), name: old.name.clone(), role: old.role() },
        old.disabled_at.is_none(),
    );
    let Some((before, after)) = difference(&before, &user_fields(new, enabled)) else { return Ok(()) };
    let disabled_at = if enabled { None } else { old.disabled_at.or(Some(now)) };
    store::update_user(conn, id, new, disabled_at)?;
    if new.role != old.role() || !enabled {
        store::end_sessions(conn, id)?;
    }
    record(conn, actor, now, &NewEvent::about(Action::UserChanged, Some(id), &new.email, Some(before), Some(after)))
}

/// Gives a person a new password and ends all of the person's sessions.
pub fn set_password(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    password: &Hashed,
    now: DateTime<Utc>,
) -> Result<()> {
    if actor.id != Some(id) {
        actor.require(Permission::ManagePeople)?;
    }
    let user = store::user_for_update(conn, id)?;
    store::set_password(conn, id, password.as_str())?;
    store::end_sessions(conn, id)?;
    record(conn, actor, now, &NewEvent::about(Action::PasswordSet, Some(id), &user.email, None, None))
}

/// Refuses a name that says nothing or is too long.
pub fn check_token_name(name: &str) -> Result<(), FieldError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 120 || name.chars().any(char::is_control) {
        return Err(FieldError::new("name", "Enter a name of 1 to 120 characters that says what the token is for."));
    }
    Ok(())
}

/// Makes an API token; the secret is in the answer and nowhere else.
pub fn create_token(
    conn: &mut PgConnection,
    actor: &Actor,
    name: &str,
    role: Role,
    now: DateTime<Utc>,
) -> Result<(Uuid, Secret)> {
    actor.require(Permission::ManagePeople)?;
    let name = name.trim();
    check_token_name(name).map_err(|error| Error::Invalid(vec![error]))?;
    let secret = Secret::random()?;
    let id = store::insert_token(conn, name, role, &secret.hash(), &actor.name, now)?;
    let after = json!({ "name": name, "role": role.name() });
    record(conn, actor, now, &NewEvent::about(Action::TokenCreated, Some(id), name, None, Some(after)))?;
    Ok((id, secret))
}

/// Makes a token worthless. Revoking twice is no error.
pub fn revoke_token(conn: &mut PgConnection, actor: &Actor, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    actor.require(Permission::ManagePeople)?;
    let token = store::token_for_update(conn, id)?;
    if token.revoked_at.is_some() {
        return Ok(());
    }
    store::revoke_token(conn, id, now)?;
    record(conn, actor, now, &NewEvent::about(Action::TokenRevoked, Some(id), &token.name, None, None))
}

/// Who holds this token: the actor it stands for, or [`Error::Unauthenticated`].
pub fn authenticate(
    conn: &mut PgConnection,
    secret: &Secret,
    request_id: Option<String>,
    now: DateTime<Utc>,
) -> Result<Actor> {
    let token = store::token_by_hash(conn, &secret.hash())?.ok_or(Error::Unauthenticated)?;
    holder(conn, token, request_id, now)
}

/// The actor that a live token stands for. That it was used today is noted.
pub fn holder(
    conn: &mut PgConnection,
    token: store::Token,
    request_id: Option<String>,
    now: DateTime<Utc>,
) -> Result<Actor> {
    store::token_used(conn, &token, now.date_naive())?;
    Ok(acting(token, request_id))
}

/// Whoever holds a live token.
pub fn acting(token: store::Token, request_id: Option<String>) -> Actor {
    Actor { kind: ActorKind::Token, id: Some(token.id), role: token.role(), name: token.name, request_id }
}

fn user_fields(user: &NewUser, enabled: bool) -> Value {
    json!({ "email": user.email, "name": user.name, "role": user.role.name(), "can_sign_in": enabled })
}
