//! From wishes to a plan: who joins, who leaves, who can't.

use super::list::SeenRow;
use super::wish::{COLUMNS, Wish};
use crate::db::kept::{Bind, planned};
use crate::error::Result;
use crate::members::refusal::{Cause, MOST_GROUPS};
use crate::members::selection::Seen;
use diesel::connection::SimpleConnection;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, SmallInt, Uuid as SqlUuid};
use diesel::{QueryResult, QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

/// Begins a change of members, with no wishes and no plan: other writers of memberships wait until this transaction ends.
pub fn begin(conn: &mut PgConnection) -> Result<()> {
    planned(true, "SELECT begin_membership_plan()").execute(conn)?;
    Ok(())
}

/// Adds wishes, a few.
pub fn wish(conn: &mut PgConnection, wishes: &[Wish]) -> Result<usize> {
    let column = |value: fn(&Wish) -> Uuid| wishes.iter().map(value).collect::<Vec<_>>();
    let mark = |value: fn(&Wish) -> Option<bool>| wishes.iter().map(value).collect::<Vec<_>>();
    let flag = |value: fn(&Wish) -> bool| wishes.iter().map(value).collect::<Vec<_>>();
    let query = sql_query("SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)")
        .bind::<Array<Nullable<BigInt>>, _>(wishes.iter().map(|wish| wish.bundle).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(column(|wish| wish.group))
        .bind::<Array<SqlUuid>, _>(column(|wish| wish.customer))
        .bind::<Array<Nullable<Bool>>, _>(mark(|wish| wish.by_hand))
        .bind::<Array<Nullable<Bool>>, _>(mark(|wish| wish.by_rule))
        .bind::<Array<Bool>, _>(flag(|wish| wish.as_primary))
        .bind::<Array<Bool>, _>(flag(|wish| wish.exclude));
    wish_all(conn, query)
}

/// Adds the wishes that a query gives, in the columns of [`COLUMNS`]. Returns how many.
pub fn wish_all<Q: QueryFragment<Pg>>(conn: &mut PgConnection, query: Q) -> Result<usize> {
    let wishes = Wishes(query).execute(conn)?;
    if wishes > UNKNOWN_TO_THE_PLANNER {
        // Customers are looked up one by one for thousands of wishes, not all of them read.
        conn.batch_execute("ANALYZE membership_wishes")?;
    }
    Ok(wishes)
}

/// `INSERT` of what a query gives.
struct Wishes<Q>(Q);

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Wishes<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // How a plan is best made depends on how many there are: never one of an earlier change.
        out.unsafe_to_cache_prepared();
        out.push_sql("INSERT INTO membership_wishes (");
        out.push_sql(COLUMNS);
        out.push_sql(") ");
        self.0.walk_ast(out)
    }
}

impl<Q> QueryId for Wishes<Q> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> RunQueryDsl<PgConnection> for Wishes<Q> {}

/// How many are wished for, and a sum over which customers they are: whether the set is still the one that was shown.
pub fn seen(conn: &mut PgConnection) -> Result<Seen> {
    let row: SeenRow = sql_query(
        "SELECT count(*) AS count, coalesce(bit_xor(uuid_hash_extended(customer_id, 0)), 0) AS sum FROM membership_wishes",
    )
    .get_result(conn)?;
    Ok(row.into())
}

/// What the plan will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, QueryableByName)]
pub struct Counts {
    /// Memberships that begin.
    #[diesel(sql_type = BigInt)]
    pub joins: i64,
    /// Memberships that end.
    #[diesel(sql_type = BigInt)]
    pub leaves: i64,
    /// Memberships that stay and change their marks: pinned by hand, or no longer by rule.
    #[diesel(sql_type = BigInt)]
    pub marked: i64,
    /// Groups that are made the primary one of somebody.
    #[diesel(sql_type = BigInt)]
    pub chosen: i64,
    /// Customers whom rule runs keep out from now on.
    #[diesel(sql_type = BigInt)]
    pub excluded: i64,
    /// Wishes that were fulfilled before.
    #[diesel(sql_type = BigInt)]
    pub unchanged: i64,
    /// Wishes that are refused, each for a cause of its own.
    #[diesel(sql_type = BigInt)]
    pub refused: i64,
    /// Wishes that fall with a refused one of their bundle.
    #[diesel(sql_type = BigInt)]
    pub dropped: i64,
}

impl Counts {
    /// How many wishes it has.
    pub(super) fn all(&self) -> i64 {
        let made = self.joins + self.leaves + self.marked + self.chosen + self.excluded;
        made + self.unchanged + self.refused + self.dropped
    }
}

/// The cause of those who fall with another wish of their bundle.
const DROPPED: i16 = 0;

/// Plans of up to so many rows are fast however they are read.
pub(super) const UNKNOWN_TO_THE_PLANNER: usize = 1_000;

/// Makes the plan of the wishes, and tells what it will do. Nothing is written yet.
pub fn make(conn: &mut PgConnection) -> Result<Counts> {
    let few = are_few(conn)?;
    lock(conn, few)?;
    if judge(conn, few)? > UNKNOWN_TO_THE_PLANNER {
        // It takes an act or a cause for rare where nothing is known, and goes through everything for each of many rows.
        conn.batch_execute("ANALYZE membership_plan")?;
    }
    drop_bundles(conn, few)?;
    // Who is refused doesn't leave another group either, which may fill that again: until nobody more is refused.
    while refuse_full(conn, few)? + refuse_too_many(conn, few)? > 0 {
        drop_bundles(conn, few)?;
    }
    Ok(planned(
        few,
        "SELECT count(*) FILTER (WHERE cause IS NULL AND act = 'j') AS joins,
                count(*) FILTER (WHERE cause IS NULL AND act = 'l') AS leaves,
                count(*) FILTER (WHERE cause IS NULL AND act = 'm') AS marked,
                count(*) FILTER (WHERE cause IS NULL AND as_primary AND NOT was_primary) AS chosen,
                count(*) FILTER (WHERE cause IS NULL AND exclude) AS excluded,
                count(*) FILTER (WHERE cause IS NULL AND act = '-' AND (was_primary OR NOT as_primary)) AS unchanged,
                count(*) FILTER (WHERE cause <> 0) AS refused,
                count(*) FILTER (WHERE cause = 0) AS dropped
         FROM membership_plan",
    )
    .get_result(conn)?)
}

/// For a few, planning a statement takes longer than doing it.
fn are_few(conn: &mut PgConnection) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Answer {
        #[diesel(sql_type = Bool)]
        few: bool,
    }
    let answer: Answer = planned(true, "SELECT NOT EXISTS (SELECT FROM membership_wishes OFFSET $1) AS few")
        .bind::<BigInt, _>(UNKNOWN_TO_THE_PLANNER as i64)
        .get_result(conn)?;
    Ok(answer.few)
}

fn lock(conn: &mut PgConnection, few: bool) -> Result<()> {
    planned(
        few,
        "SELECT count(*) FROM (
             SELECT FROM groups WHERE id IN (SELECT group_id FROM membership_wishes) ORDER BY id FOR NO KEY UPDATE
         ) g",
    )
    .execute(conn)?;
    planned(
        few,
        "SELECT count(*) FROM (
             SELECT FROM customers WHERE id IN (SELECT customer_id FROM membership_wishes) ORDER BY id FOR NO KEY UPDATE
         ) c",
    )
    .execute(conn)?;
    Ok(())
}

/// Puts each wish beside what is, and refuses those that can't be whatever the others are. Returns how many there are.
fn judge(conn: &mut PgConnection, few: bool) -> Result<usize> {
    use Cause::*;
    let becomes = "coalesce(w.by_hand, m.by_hand, false) OR coalesce(w.by_rule, m.by_rule, false)";
    // Somebody is put there who wasn't: by hand also a member by rule is, who is pinned.
    let enters = "(w.by_hand AND NOT coalesce(m.by_hand, false)) OR (w.by_rule AND m.group_id IS NULL)";
    Ok(planned(
        few,
        format!(
            "INSERT INTO membership_plan
         SELECT w.bundle, w.group_id, w.customer_id,
                m.since, coalesce(m.by_hand, false), coalesce(m.by_rule, false), coalesce(m.is_primary, false),
                coalesce(w.by_hand, m.by_hand, false), coalesce(w.by_rule, m.by_rule, false), w.as_primary, w.exclude,
                p.customer_id IS NOT NULL,
                CASE WHEN m.group_id IS NULL THEN CASE WHEN {becomes} THEN 'j' ELSE '-' END
                     WHEN NOT ({becomes}) THEN 'l'
                     WHEN coalesce(w.by_hand, m.by_hand) <> m.by_hand OR coalesce(w.by_rule, m.by_rule) <> m.by_rule
                         THEN 'm'
                     ELSE '-' END,
                CASE WHEN c.id IS NULL THEN {unknown}
                     WHEN g.id IS NULL OR g.deleted_at IS NOT NULL THEN {gone}
                     WHEN g.parent_id IS NULL THEN {all}
                     WHEN w.by_hand AND g.type = 'automatic' THEN {automatic}
                     WHEN ({enters}) AND c.status = 'blocked' THEN {blocked}
                     WHEN ({enters}) AND c.status <> 'active' THEN {inactive}
                     WHEN ({enters}) AND e.group_id IS NOT NULL THEN {excluded}
                     WHEN NOT w.by_hand AND NOT w.by_rule AND m.group_id IS NULL THEN {not_a_member}
                     WHEN w.as_primary AND NOT ({becomes}) THEN {not_a_member}
                END
         FROM membership_wishes w
         LEFT JOIN groups g ON g.id = w.group_id
         LEFT JOIN customers c ON c.id = w.customer_id
         LEFT JOIN LATERAL (
             -- OFFSET keeps the planner from reading the memberships of all groups.
             SELECT * FROM memberships m WHERE m.group_id = w.group_id AND m.customer_id = w.customer_id OFFSET 0
         ) m ON true
         LEFT JOIN membership_exclusions e ON e.group_id = w.group_id AND e.customer_id = w.customer_id
         LEFT JOIN LATERAL (
             SELECT customer_id FROM memberships p WHERE p.customer_id = w.customer_id AND p.is_primary OFFSET 0
         ) p ON true",
            unknown = UnknownCustomer.number(),
            gone = GroupGone.number(),
            all = AllCustomers.number(),
            automatic = Automatic.number(),
            blocked = Blocked.number(),
            inactive = Inactive.number(),
            excluded = Excluded.number(),
            not_a_member = NotAMember.number(),
        ),
    )
    .execute(conn)?)
}

fn drop_bundles(conn: &mut PgConnection, few: bool) -> Result<usize> {
    Ok(planned(
        few,
        "UPDATE membership_plan SET cause = $1
         WHERE cause IS NULL AND bundle IN (SELECT bundle FROM membership_plan WHERE cause IS NOT NULL)",
    )
    .bind::<SmallInt, _>(DROPPED)
    .execute(conn)?)
}

/// Of the joins to a group with a capacity, those beyond its free places.
fn refuse_full(conn: &mut PgConnection, few: bool) -> Result<usize> {
    Ok(planned(
        few,
        "UPDATE membership_plan p SET cause = $1
         FROM (
             SELECT j.group_id, j.customer_id, g.capacity, g.member_count, row_number() OVER (
                        PARTITION BY j.group_id
                        ORDER BY CASE WHEN j.by_hand THEN j.bundle END, c.customer_since, c.code) AS turn
             FROM groups g
             JOIN membership_plan j ON j.group_id = g.id
             JOIN customers c ON c.id = j.customer_id
             WHERE g.capacity IS NOT NULL AND j.act = 'j' AND j.cause IS NULL
         ) n
         LEFT JOIN (
             SELECT group_id, count(*) AS gone FROM membership_plan WHERE act = 'l' AND cause IS NULL GROUP BY group_id
         ) l ON l.group_id = n.group_id
         WHERE p.group_id = n.group_id AND p.customer_id = n.customer_id
           AND n.member_count - coalesce(l.gone, 0) + n.turn > n.capacity",
    )
    .bind::<SmallInt, _>(Cause::Full.number())
    .execute(conn)?)
}

/// Who would be in more groups than a customer can be.
fn refuse_too_many(conn: &mut PgConnection, few: bool) -> Result<usize> {
    Ok(planned(few,
        "WITH joining AS MATERIALIZED (
             SELECT customer_id, count(*) AS joins FROM membership_plan
             WHERE act = 'j' AND cause IS NULL AND EXISTS (SELECT FROM groups OFFSET $1) GROUP BY customer_id
         ), crowded AS MATERIALIZED (
             -- Few or none, whatever the planner thinks: who has room is sorted out before anything is joined.
             SELECT n.customer_id, n.joins FROM joining n
             WHERE EXISTS (SELECT FROM memberships m WHERE m.customer_id = n.customer_id OFFSET greatest($1 - n.joins, 0))
         )
         UPDATE membership_plan p SET cause = $2 FROM crowded n
         WHERE p.customer_id = n.customer_id AND p.act = 'j' AND p.cause IS NULL
           AND (SELECT count(*) FROM memberships m WHERE m.customer_id = n.customer_id) + n.joins
               - (SELECT count(*) FROM membership_plan l
                  WHERE l.customer_id = n.customer_id AND l.act = 'l' AND l.cause IS NULL) > $1",
    )
    .bind::<BigInt, _>(MOST_GROUPS)
    .bind::<SmallInt, _>(Cause::TooManyGroups.number())
    .execute(conn)?)
}
