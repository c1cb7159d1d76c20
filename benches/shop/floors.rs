//! The floors: the leanest hand-written SQL that gives the data of a page, prepared, through the same client library.
//! Rows are fetched and read in full; nothing is rendered.

#![expect(dead_code, reason = "reading a column into its field is the work that is measured")]

use clientele::db::statement::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Double, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use std::error::Error;
use uuid::Uuid;

pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[derive(QueryableByName)]
pub struct Session {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    pub role: String,
    #[diesel(sql_type = Text)]
    pub state: String,
}

/// The stored id of the session in which somebody signed in last.
pub fn session_id(conn: &mut PgConnection) -> Outcome<Vec<u8>> {
    use clientele::schema::sessions;
    Ok(sessions::table
        .filter(sessions::user_id.is_not_null().and(sessions::expires_at.gt(diesel::dsl::now)))
        .select(sessions::id)
        .order(sessions::created_at.desc())
        .first(conn)?)
}

/// Who asks.
pub fn session(conn: &mut PgConnection, id: &[u8]) -> Outcome<Session> {
    Ok(statement(
        "SELECT u.name, u.email, u.role, s.state::text AS state FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE s.expires_at > now() AND u.disabled_at IS NULL AND s.id = ",
    )
    .bind::<Binary, _>(id)
    .sql("")
    .get_result(conn)?)
}

#[derive(QueryableByName)]
pub struct Row {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Integer)]
    pub member_count: i32,
}

/// Which page of the list.
pub enum Wanted {
    First,
    Search(&'static str),
    ByCustomers,
    /// After this group, by name.
    After(String, Uuid),
}

macro_rules! row {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, code, status, type AS kind, member_count FROM groups WHERE deleted_at IS NULL ",
            $rest
        )
    };
}

/// The groups of a page, and one more that tells whether there is another page.
pub fn rows(conn: &mut PgConnection, wanted: &Wanted) -> Outcome<Vec<Row>> {
    Ok(match wanted {
        Wanted::First => statement(row!("ORDER BY lower(name), id LIMIT 51")).load(conn)?,
        Wanted::Search(text) => statement(row!("AND search LIKE "))
            .bind::<Text, _>(format!("%{text}%"))
            .sql(" ORDER BY lower(name), id LIMIT 51")
            .load(conn)?,
        Wanted::ByCustomers => statement(row!("ORDER BY member_count DESC, lower(name), id LIMIT 51")).load(conn)?,
        Wanted::After(name, id) => statement(row!("AND (lower(name), id) > ("))
            .bind::<Text, _>(name)
            .sql(", ")
            .bind::<SqlUuid, _>(*id)
            .sql(") ORDER BY lower(name), id LIMIT 51")
            .load(conn)?,
    })
}

#[derive(QueryableByName)]
pub struct Level {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub parent_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Bool)]
    pub inherit_pricing: bool,
    #[diesel(sql_type = Bool)]
    pub inherit_visibility: bool,
    #[diesel(sql_type = Nullable<Text>)]
    pub method: Option<String>,
    #[diesel(sql_type = Nullable<Double>)]
    pub percent: Option<f64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub fixed_amount: Option<i64>,
    #[diesel(sql_type = Nullable<Bool>)]
    pub adds: Option<bool>,
    #[diesel(sql_type = Nullable<Text>)]
    pub access: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub lists: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub visibility_groups: Option<String>,
}

/// The groups and those above them, with what their price and visibility labels are made of.
pub fn levels(conn: &mut PgConnection, ids: &[Uuid]) -> Outcome<Vec<Level>> {
    Ok(statement(
        "WITH RECURSIVE above AS (
             SELECT id, parent_id, name, status, inherit_pricing, inherit_visibility FROM groups WHERE id = ANY (",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .sql(
        ")
             UNION
             SELECT g.id, g.parent_id, g.name, g.status, g.inherit_pricing, g.inherit_visibility
             FROM groups g JOIN above a ON g.id = a.parent_id
         )
         SELECT a.*, p.method, p.percent::float8, p.fixed_amount, p.adds_to_inherited AS adds, v.access,
                (SELECT string_agg(l.name, ',' ORDER BY gl.priority, l.name) FROM group_price_lists gl
                 JOIN price_lists l ON l.id = gl.price_list_id AND l.status = 'active' WHERE gl.group_id = a.id) AS lists,
                (SELECT string_agg(vg.name, ', ' ORDER BY vg.name) FROM group_visibility_groups gv
                 JOIN visibility_groups vg ON vg.id = gv.visibility_group_id WHERE gv.group_id = a.id)
                    AS visibility_groups
         FROM above a
         LEFT JOIN group_pricing p ON p.group_id = a.id
         LEFT JOIN group_visibility v ON v.group_id = a.id",
    )
    .load(conn)?)
}

#[derive(QueryableByName)]
pub struct Totals {
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = BigInt)]
    pub customers: i64,
    #[diesel(sql_type = BigInt)]
    pub grouped: i64,
    #[diesel(sql_type = BigInt)]
    pub groups: i64,
}

/// What stands around the list.
pub fn totals(conn: &mut PgConnection) -> Outcome<Totals> {
    Ok(statement(
        "SELECT s.currency, t.customers, t.grouped_customers AS grouped,
                (SELECT count(*) FROM groups WHERE deleted_at IS NULL) AS groups
         FROM store_settings s, store_totals t",
    )
    .get_result(conn)?)
}

#[derive(QueryableByName)]
pub struct Around {
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = BigInt)]
    pub customers: i64,
}

/// What stands around a list that is filtered: its totals follow.
pub fn around(conn: &mut PgConnection) -> Outcome<Around> {
    Ok(statement("SELECT s.currency, t.customers FROM store_settings s, store_totals t").get_result(conn)?)
}

#[derive(QueryableByName)]
pub struct Revenue {
    #[diesel(sql_type = SqlUuid)]
    pub group_id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub net: i64,
}

/// What the members of groups have bought.
pub fn revenue(conn: &mut PgConnection, ids: &[Uuid]) -> Outcome<Vec<Revenue>> {
    Ok(statement(
        "SELECT m.group_id, sum(p.net)::bigint AS net
         FROM memberships m JOIN customer_purchases p ON p.customer_id = m.customer_id WHERE m.group_id = ANY (",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .sql(") GROUP BY m.group_id")
    .load(conn)?)
}

#[derive(QueryableByName)]
pub struct Detail {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub parent_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub description: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Integer)]
    pub member_count: i32,
    #[diesel(sql_type = Text)]
    pub metadata: String,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: chrono::DateTime<chrono::Utc>,
    #[diesel(sql_type = Bool)]
    pub inherit_pricing: bool,
    #[diesel(sql_type = Bool)]
    pub inherit_visibility: bool,
    #[diesel(sql_type = Bool)]
    pub inherit_payment_terms: bool,
    #[diesel(sql_type = Nullable<Text>)]
    pub method: Option<String>,
    #[diesel(sql_type = Nullable<Double>)]
    pub percent: Option<f64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub fixed_amount: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    pub scope: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub categories: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub lists: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub access: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub visibility_groups: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub net_days: Option<i32>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub credit_limit: Option<i64>,
    #[diesel(sql_type = Nullable<Double>)]
    pub early_percent: Option<f64>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub early_days: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    pub explicit_none: Option<String>,
}

/// A group and those above it, with everything that the benefits summary is made of.
pub fn details(conn: &mut PgConnection, id: Uuid) -> Outcome<Vec<Detail>> {
    Ok(statement("WITH RECURSIVE above AS (SELECT g.* FROM groups g WHERE g.id = ")
        .bind::<SqlUuid, _>(id)
        .sql(
            " UNION ALL SELECT g.* FROM groups g JOIN above a ON g.id = a.parent_id)
         SELECT a.id, a.parent_id, a.name, a.code, a.description, a.status, a.type AS kind, a.member_count,
                a.metadata::text AS metadata, a.created_at, a.inherit_pricing, a.inherit_visibility,
                a.inherit_payment_terms, p.method, p.percent::float8, p.fixed_amount, p.scope, v.access,
                (SELECT string_agg(category, ',') FROM group_pricing_categories c WHERE c.group_id = a.id) AS categories,
                (SELECT string_agg(l.name, ',' ORDER BY gl.priority, l.name) FROM group_price_lists gl
                 JOIN price_lists l ON l.id = gl.price_list_id WHERE gl.group_id = a.id) AS lists,
                (SELECT string_agg(vg.name, ', ' ORDER BY vg.name) FROM group_visibility_groups gv
                 JOIN visibility_groups vg ON vg.id = gv.visibility_group_id WHERE gv.group_id = a.id)
                    AS visibility_groups,
                t.net_days, t.credit_limit, t.early_percent::float8, t.early_days, t.explicit_none::text AS explicit_none
         FROM above a
         LEFT JOIN group_pricing p ON p.group_id = a.id
         LEFT JOIN group_visibility v ON v.group_id = a.id
         LEFT JOIN group_payment_terms t ON t.group_id = a.id",
        )
        .load(conn)?)
}

#[derive(QueryableByName)]
pub struct Member {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Timestamptz)]
    pub since: chrono::DateTime<chrono::Utc>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub net: Option<i64>,
    #[diesel(sql_type = Bool)]
    pub by_hand: bool,
    #[diesel(sql_type = Bool)]
    pub by_rule: bool,
    #[diesel(sql_type = Bool)]
    pub is_primary: bool,
}

/// The first page of a group's members.
pub fn members(conn: &mut PgConnection, id: Uuid) -> Outcome<Vec<Member>> {
    Ok(statement(
        "SELECT c.id, c.code, c.name, m.since, p.net, m.by_hand, m.by_rule, m.is_primary
         FROM memberships m JOIN customers c ON c.id = m.customer_id
         LEFT JOIN customer_purchases p ON p.customer_id = m.customer_id WHERE m.group_id = ",
    )
    .bind::<SqlUuid, _>(id)
    .sql(" ORDER BY m.since, m.customer_id LIMIT 26")
    .load(conn)?)
}

#[derive(QueryableByName)]
pub struct Related {
    #[diesel(sql_type = BigInt)]
    pub children: i64,
    #[diesel(sql_type = BigInt)]
    pub organizations: i64,
    #[diesel(sql_type = Text)]
    pub currency: String,
}

/// What stands in relation to a group, and the store's currency.
pub fn related(conn: &mut PgConnection, id: Uuid) -> Outcome<Related> {
    Ok(statement("SELECT (SELECT count(*) FROM groups WHERE deleted_at IS NULL AND parent_id = ")
        .bind::<SqlUuid, _>(id)
        .sql(") AS children, (SELECT count(*) FROM organizations WHERE group_id = ")
        .bind::<SqlUuid, _>(id)
        .sql(") AS organizations, currency FROM store_settings")
        .get_result(conn)?)
}

/// The reads and writes of a sign-in in one transaction: what it asks of the database at the least, without the look at
/// the password, which is slow by design.
pub fn sign_in(conn: &mut PgConnection, email: &str, key: &[u8]) -> Outcome<()> {
    #[derive(QueryableByName)]
    struct User {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Text)]
        password_hash: String,
    }
    conn.transaction(|conn| {
        let user: User = statement("SELECT id, password_hash FROM users WHERE disabled_at IS NULL AND lower(email) = ")
            .bind::<Text, _>(email)
            .sql("")
            .get_result(conn)?;
        std::hint::black_box(&user.password_hash);
        statement("UPDATE users SET last_sign_in_at = now() WHERE id = ")
            .bind::<SqlUuid, _>(user.id)
            .sql("")
            .execute(conn)?;
        statement("INSERT INTO sessions (id, user_id, state, created_at, last_seen_at, expires_at) VALUES (")
            .bind::<Binary, _>(key)
            .sql(", ")
            .bind::<SqlUuid, _>(user.id)
            .sql(", '{}', now(), now(), now())")
            .execute(conn)?;
        statement(
            "INSERT INTO audit_events (id, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_name)
             VALUES (",
        )
        .bind::<SqlUuid, _>(Uuid::now_v7())
        .sql(", now(), 'user', ")
        .bind::<SqlUuid, _>(user.id)
        .sql(", 'Bench', 'user.signed_in', 'user', 'Bench')")
        .execute(conn)?;
        Ok(())
    })
}
