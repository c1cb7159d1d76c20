//! Users and tokens in the database.

use super::role::Role;
use crate::db::functions::lower;
use crate::db::keyset::{Page, Place, one_more};
use crate::error::{Error, Result};
use crate::schema::{sessions, tokens, users};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

/// A person as stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct User {
    /// Id.
    pub id: Uuid,
    /// Sign-in name.
    pub email: String,
    /// Shown name.
    pub name: String,
    role: String,
    /// PHC string; never shown, never logged.
    pub password_hash: String,
    /// Since when the person can't sign in; `None` where the person can.
    pub disabled_at: Option<DateTime<Utc>>,
    /// The last successful sign-in, UTC.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// For optimistic locking.
    pub version: i32,
    /// UTC.
    pub created_at: DateTime<Utc>,
}

impl User {
    /// What the person may do; the least where the stored name is unknown.
    pub fn role(&self) -> Role {
        Role::from_name(&self.role).unwrap_or(Role::Viewer)
    }
}

/// A token as stored: without its secret, which nobody can read again.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = tokens)]
pub struct Token {
    /// Id.
    pub id: Uuid,
    /// What it is for.
    pub name: String,
    role: String,
    /// Who made it.
    pub created_by: String,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// The last day (UTC) on which it was used.
    pub last_used_on: Option<NaiveDate>,
    /// Since when it is worth nothing.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Token {
    /// What its holder may do.
    pub fn role(&self) -> Role {
        Role::from_name(&self.role).unwrap_or(Role::Viewer)
    }
}

/// A token in a hand-written row that may have none; its columns are named `token_…`.
#[derive(Debug, QueryableByName)]
pub struct TokenColumns {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    token_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    token_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    token_role: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    token_created_by: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    token_created_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Date>)]
    token_last_used_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    token_revoked_at: Option<DateTime<Utc>>,
}

impl TokenColumns {
    /// The token, where the row has one.
    pub fn token(self) -> Option<Token> {
        Some(Token {
            id: self.token_id?,
            name: self.token_name?,
            role: self.token_role?,
            created_by: self.token_created_by?,
            created_at: self.token_created_at?,
            last_used_on: self.token_last_used_on,
            revoked_at: self.token_revoked_at,
        })
    }
}

/// The person with this email, whatever its case.
pub fn user_by_email(conn: &mut PgConnection, email: &str) -> Result<Option<User>> {
    // PostgreSQL's text holds no NUL, so nobody has such an address.
    if email.contains('\0') {
        return Ok(None);
    }
    Ok(users::table
        .filter(lower(users::email).eq(email.trim().to_lowercase()))
        .select(User::as_select())
        .first(conn)
        .optional()?)
}

/// The person with this id, locked until the transaction ends.
pub fn user_for_update(conn: &mut PgConnection, id: Uuid) -> Result<User> {
    users::table
        .find(id)
        .select(User::as_select())
        .for_update()
        .first(conn)
        .optional()?
        .ok_or_else(|| Error::NotFound("This user doesn't exist.".into()))
}

/// The person with this id.
pub fn user(conn: &mut PgConnection, id: Uuid) -> Result<User> {
    users::table
        .find(id)
        .select(User::as_select())
        .first(conn)
        .optional()?
        .ok_or_else(|| Error::NotFound("This user doesn't exist.".into()))
}

/// What the list of people is sorted by: name without case, then id.
pub type UserKey = (String, Uuid);

/// A page of people by name.
pub fn users_page(conn: &mut PgConnection, place: &Place<UserKey>, limit: usize) -> Result<Page<(User, UserKey)>> {
    let name = || lower(users::name);
    let mut query = users::table.select((User::as_select(), (name(), users::id))).into_boxed();
    query = match place.key().cloned() {
        None => query,
        Some((key, id)) if place.is_backwards() => {
            query.filter(name().lt(key.clone()).or(name().eq(key).and(users::id.lt(id))))
        }
        Some((key, id)) => query.filter(name().gt(key.clone()).or(name().eq(key).and(users::id.gt(id)))),
    };
    query = if place.is_backwards() {
        query.order((name().desc(), users::id.desc()))
    } else {
        query.order((name().asc(), users::id.asc()))
    };
    Ok(Page::of(query.limit(one_more(limit)).load(conn)?, place, limit))
}

/// How many people can sign in as administrators, the rows locked so that two can't remove each other at once.
pub fn lock_active_admins(conn: &mut PgConnection) -> Result<Vec<Uuid>> {
    Ok(users::table
        .filter(users::role.eq(Role::Admin.name()))
        .filter(users::disabled_at.is_null())
        .select(users::id)
        .order(users::id)
        .for_update()
        .load(conn)?)
}

/// Inserts a person and gives the id.
pub fn insert_user(
    conn: &mut PgConnection,
    new: &super::user::NewUser,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    diesel::insert_into(users::table)
        .values((
            users::id.eq(id),
            users::email.eq(&new.email),
            users::name.eq(&new.name),
            users::role.eq(new.role.name()),
            users::password_hash.eq(password_hash),
            users::created_at.eq(now),
        ))
        .execute(conn)
        .map_err(email_taken)?;
    Ok(id)
}

/// Changes a person's details.
pub fn update_user(
    conn: &mut PgConnection,
    id: Uuid,
    new: &super::user::NewUser,
    disabled_at: Option<DateTime<Utc>>,
) -> Result<()> {
    diesel::update(users::table.find(id))
        .set((
            users::email.eq(&new.email),
            users::name.eq(&new.name),
            users::role.eq(new.role.name()),
            users::disabled_at.eq(disabled_at),
            users::version.eq(users::version + 1),
        ))
        .execute(conn)
        .map_err(email_taken)?;
    Ok(())
}

fn email_taken(error: diesel::result::Error) -> Error {
    match Error::constraint(&error) {
        Some("users_email") => Error::field("email", "Somebody else already signs in with this email."),
        _ => error.into(),
    }
}

/// Stores a new password hash.
pub fn set_password(conn: &mut PgConnection, id: Uuid, password_hash: &str) -> Result<()> {
    diesel::update(users::table.find(id)).set(users::password_hash.eq(password_hash)).execute(conn)?;
    Ok(())
}

/// Notes a successful sign-in.
pub fn signed_in(conn: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    diesel::update(users::table.find(id)).set(users::last_sign_in_at.eq(now)).execute(conn)?;
    Ok(())
}

/// Ends a person's sessions everywhere.
pub fn end_sessions(conn: &mut PgConnection, user: Uuid) -> Result<usize> {
    Ok(diesel::delete(sessions::table.filter(sessions::user_id.eq(user))).execute(conn)?)
}

/// What the list of tokens is sorted by: when it was made, then id; the newest first.
pub type TokenKey = (DateTime<Utc>, Uuid);

/// A page of tokens, the newest first.
pub fn tokens_page(conn: &mut PgConnection, place: &Place<TokenKey>, limit: usize) -> Result<Page<Token>> {
    let mut query = tokens::table.select(Token::as_select()).into_boxed();
    query = match place.key().copied() {
        None => query,
        Some((at, id)) if place.is_backwards() => {
            query.filter(tokens::created_at.gt(at).or(tokens::created_at.eq(at).and(tokens::id.gt(id))))
        }
        Some((at, id)) => query.filter(tokens::created_at.lt(at).or(tokens::created_at.eq(at).and(tokens::id.lt(id)))),
    };
    query = if place.is_backwards() {
        query.order((tokens::created_at.asc(), tokens::id.asc()))
    } else {
        query.order((tokens::created_at.desc(), tokens::id.desc()))
    };
    Ok(Page::of(query.limit(one_more(limit)).load(conn)?, place, limit))
}

/// The tokens of this name that aren't revoked; names needn't be unique.
pub fn active_tokens_named(conn: &mut PgConnection, name: &str) -> Result<Vec<Uuid>> {
    Ok(tokens::table
        .filter(tokens::name.eq(name))
        .filter(tokens::revoked_at.is_null())
        .select(tokens::id)
        .order(tokens::id)
        .load(conn)?)
}

/// The live token of this hash.
pub fn token_by_hash(conn: &mut PgConnection, hash: &[u8]) -> Result<Option<Token>> {
    Ok(tokens::table
        .filter(tokens::token_hash.eq(hash))
        .filter(tokens::revoked_at.is_null())
        .select(Token::as_select())
        .get_result(conn)
        .optional()?)
}

/// Notes that a token was used today; writes at most once a day and token.
pub fn token_used(conn: &mut PgConnection, token: &Token, today: NaiveDate) -> Result<()> {
    if token.last_used_on != Some(today) {
        diesel::update(tokens::table.find(token.id)).set(tokens::last_used_on.eq(today)).execute(conn)?;
    }
    Ok(())
}

/// Inserts a token's hash and gives its id.
pub fn insert_token(
    conn: &mut PgConnection,
    name: &str,
    role: Role,
    hash: &[u8],
    created_by: &str,
    now: DateTime<Utc>,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    diesel::insert_into(tokens::table)
        .values((
            tokens::id.eq(id),
            tokens::name.eq(name),
            tokens::role.eq(role.name()),
            tokens::token_hash.eq(hash),
            tokens::created_by.eq(created_by),
            tokens::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(id)
}

/// The token with this id.
pub fn token(conn: &mut PgConnection, id: Uuid) -> Result<Token> {
    tokens::table.find(id).select(Token::as_select()).first(conn).optional()?.ok_or_else(no_token)
}

fn no_token() -> Error {
    Error::NotFound("This token doesn't exist.".into())
}

/// The token with this id, locked until the transaction ends.
pub fn token_for_update(conn: &mut PgConnection, id: Uuid) -> Result<Token> {
    tokens::table.find(id).select(Token::as_select()).for_update().first(conn).optional()?.ok_or_else(no_token)
}

/// Makes a token worthless from now on.
pub fn revoke_token(conn: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    diesel::update(tokens::table.find(id)).set(tokens::revoked_at.eq(now)).execute(conn)?;
    Ok(())
}
