//! Who is in a segment or is reached by a promotion, as a set in SQL: counted exactly, and listed by name.

use crate::db::keyset::{Page, Place, one_more};
use crate::error::Result;
use crate::inheritance::book::Book;
use crate::inheritance::covering::covered;
use crate::money::Currency;
use crate::rules::rule::Rule;
use crate::rules::store::compile::{People, compile_with};
use crate::rules::store::sql::{Value, Values};
use crate::segments::segment::Segment;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// What its SQL depends on.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// All live groups.
    pub book: &'a Book,
    /// The store's currency.
    pub currency: Currency,
    /// The store day on which rules are looked at.
    pub today: NaiveDate,
}

/// Whom an audience takes in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Audience<'a> {
    /// In any of these groups or their subgroups; `None` = everyone.
    pub groups_in: Option<&'a [Uuid]>,
    /// In none of these.
    pub groups_not_in: &'a [Uuid],
    /// And this holds.
    pub rule: Option<&'a Rule>,
    /// And in one of these segments; none = no condition.
    pub segments: &'a [Segment],
    /// Nobody at all.
    pub is_nobody: bool,
}

impl<'a> Audience<'a> {
    /// Whom a segment takes in.
    pub fn of(segment: &'a Segment) -> Self {
        Self {
            groups_in: Some(segment.groups_in.as_slice()).filter(|groups| !groups.is_empty()),
            groups_not_in: &segment.groups_not_in,
            rule: segment.rule.as_ref(),
            segments: &[],
            is_nobody: segment.is_broken,
        }
    }

    /// What stands behind `FROM` and `WHERE`, about customers `c`.
    fn written(&self, frame: &Frame<'_>, values: &mut Values) -> (String, String) {
        let (mut from, mut tests) = ("customers c".to_owned(), Vec::new());
        if let Some(rule) = self.rule {
            let compiled = compile_with(std::mem::take(values), rule, frame.currency, frame.today, &People::All);
            from = compiled.from;
            tests.push(compiled.matches);
            *values = compiled.values;
        }
        if let Some(groups) = self.groups_in {
            tests.push(format!("c.id IN ({})", counted(frame, groups, values)));
        }
        if !self.groups_not_in.is_empty() {
            let excluded = counted(frame, self.groups_not_in, values);
            tests.push(format!("NOT EXISTS (SELECT FROM ({excluded}) x WHERE x.id = c.id)"));
        }
        if !self.segments.is_empty() {
            let selects: Vec<String> = self
                .segments
                .iter()
                .map(|segment| {
                    let (from, test) = Audience::of(segment).written(frame, values);
                    format!("SELECT c.id FROM {from} WHERE {test}")
                })
                .collect();
            tests.push(format!("c.id IN ({})", selects.join(" UNION ALL ")));
        }
        if self.is_nobody {
            tests.push("false".into());
        }
        let test = if tests.is_empty() { "true".into() } else { tests.join(" AND ") };
        (from, test)
    }
}

/// Customers for whom one of the groups that these cover counts (SPEC 6): through their organization, or by an own
/// membership where no other group of an organization decides.
fn counted(frame: &Frame<'_>, groups: &[Uuid], values: &mut Values) -> String {
    let groups = values.place(Value::Ids(covered(frame.book, groups)));
    format!(
        "SELECT k.id FROM organizations o JOIN customers k ON k.organization_id = o.id WHERE o.group_id = ANY ({groups})
         UNION ALL
         SELECT m.customer_id FROM memberships m WHERE m.group_id = ANY ({groups}) AND NOT EXISTS (
             SELECT FROM customers k JOIN organizations o ON o.id = k.organization_id
             JOIN groups g ON g.id = o.group_id AND g.deleted_at IS NULL AND g.status = 'active'
             WHERE k.id = m.customer_id)"
    )
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many customers an audience takes in, exactly.
pub fn count(conn: &mut PgConnection, audience: &Audience<'_>, frame: &Frame<'_>) -> Result<i64> {
    let mut values = Values::default();
    let (from, test) = audience.written(frame, &mut values);
    let found: Count = values.query(&format!("SELECT count(*) AS count FROM {from} WHERE {test}")).get_result(conn)?;
    Ok(found.count)
}

/// A customer of an audience.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Somebody {
    /// Id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Code.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Name.
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    folded: String,
    /// Lifetime net of completed orders, minor units of the store's currency.
    #[diesel(sql_type = BigInt)]
    pub purchases: i64,
    /// Completed orders.
    #[diesel(sql_type = Integer)]
    pub orders: i32,
}

impl Somebody {
    /// The row's key in its list.
    pub fn cursor(&self) -> (String, Uuid) {
        (self.folded.clone(), self.id)
    }
}

/// A page of an audience by name.
pub fn page(
    conn: &mut PgConnection,
    audience: &Audience<'_>,
    frame: &Frame<'_>,
    place: &Place<(String, Uuid)>,
    limit: usize,
) -> Result<Page<Somebody>> {
    let mut values = Values::default();
    let (from, test) = audience.written(frame, &mut values);
    let beyond = match place.key() {
        None => String::new(),
        Some((name, id)) => {
            let sign = if place.is_backwards() { "<" } else { ">" };
            let (name, id) = (values.place(Value::Text(name.clone())), values.place(Value::Id(*id)));
            format!(" AND (lower(c.name), c.id) {sign} ({name}, {id})")
        }
    };
    let order = if place.is_backwards() { "DESC" } else { "ASC" };
    let limited = values.place(Value::Number(one_more(limit)));
    let rows: Vec<Somebody> = values
        .query(&format!(
            "SELECT f.id, f.code, f.name, f.folded, coalesce(b.net, 0) AS purchases, coalesce(b.orders, 0) AS orders
             FROM (SELECT c.id, c.code, c.name, lower(c.name) AS folded FROM {from}
                   WHERE {test}{beyond} ORDER BY lower(c.name) {order}, c.id {order} LIMIT {limited}) f
             LEFT JOIN customer_purchases b ON b.customer_id = f.id
             ORDER BY f.folded {order}, f.id {order}"
        ))
        .load(conn)?;
    Ok(Page::of(rows, place, limit))
}
