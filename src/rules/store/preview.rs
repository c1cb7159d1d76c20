//! What a rule would find, before it is saved: one statement over the roll-ups counts all of it.

use super::compile::Compiled;
use super::sql::{Value, Values};
use crate::db::keyset::{Page, Place, one_more};
use crate::error::Result;
use crate::groups::group::GroupType;
use crate::groups::store::Group;
use crate::rules::field::Field;
use diesel::pg::PgConnection;
use diesel::sql_types::{Array, BigInt, Integer, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl};
use uuid::Uuid;

/// What a rule finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// All customers.
    pub customers: i64,
    /// Who matches, refused and excluded ones included.
    pub matched: i64,
    /// How many each condition lets through by itself, in the order in which they are written.
    pub passes: Vec<i64>,
    /// How many are left after this and all parts of the rule before it, where all of them must hold; otherwise empty.
    pub remaining: Vec<i64>,
    /// How many lack a field, of those that may be missing.
    pub missing: Vec<(Field, i64)>,
    /// Who would join, as far as there are places.
    pub joins: i64,
    /// Who would leave.
    pub leaves: i64,
    /// Who matches and would find the group full.
    pub refused_capacity: i64,
    /// Who matches and isn't active.
    pub refused_status: i64,
    /// Who matches and was excluded by hand.
    pub excluded: i64,
}

impl Preview {
    /// How many places there are for those who would join; `None`: enough for all of them.
    pub fn places(&self) -> Option<i64> {
        (self.refused_capacity > 0).then_some(self.joins)
    }
}

/// Counts what a rule finds; for a group also what a run would do.
pub fn count(conn: &mut PgConnection, compiled: &Compiled, group: Option<&Group>) -> Result<Preview> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Array<BigInt>)]
        counts: Vec<i64>,
    }
    let mut values = compiled.values.clone();
    let (joined, standing) = standing(group, &mut values);
    let parts = compiled.steps();
    let mut tests: Vec<String> = vec!["true".into(), compiled.matches.clone()];
    tests.extend([
        standing.joins(compiled),
        standing.leaves(compiled),
        standing.refused(compiled),
        standing.excluded(compiled),
    ]);
    tests.extend(compiled.conditions.iter().cloned());
    tests.extend((1..=parts.len()).map(|upto| parts[..upto].join(" AND ")));
    tests.extend(compiled.missing.iter().map(|(_, is_missing)| is_missing.clone()));
    let counts: Vec<String> = tests
        .iter()
        .map(|test| if test == "true" { "count(*)".into() } else { format!("count(*) FILTER (WHERE {test})") })
        .collect();
    let Row { counts } = values
        .query(&format!("SELECT ARRAY[{}] AS counts FROM {}{joined}", counts.join(", "), compiled.from))
        .get_result(conn)?;
    let mut counts = counts.into_iter();
    let mut next = || counts.next().unwrap_or_default();
    let (customers, matched) = (next(), next());
    let (joins, leaves, refused_status, excluded) = (next(), next(), next(), next());
    let places = group.and_then(|group| Some(i64::from(group.capacity?) - i64::from(group.member_count) + leaves));
    let joining = places.map_or(joins, |places| joins.min(places.max(0)));
    Ok(Preview {
        customers,
        matched,
        passes: compiled.conditions.iter().map(|_| next()).collect(),
        remaining: parts.iter().map(|_| next()).collect(),
        missing: compiled.missing.iter().map(|(field, _)| (field.clone(), next())).collect(),
        joins: joining,
        leaves,
        refused_capacity: joins - joining,
        refused_status,
        excluded,
    })
}

/// How customers stand in the group that the rule is for.
struct Standing {
    group: Option<GroupType>,
}

/// What joins a customer's standing in the group, as `m` and `e`.
fn standing(group: Option<&Group>, values: &mut Values) -> (String, Standing) {
    let Some(group) = group else { return (String::new(), Standing { group: None }) };
    let id = values.place(Value::Id(group.id));
    let joined = format!(
        " LEFT JOIN memberships m ON m.group_id = {id} AND m.customer_id = c.id
          LEFT JOIN membership_exclusions e ON e.group_id = {id} AND e.customer_id = c.id"
    );
    (joined, Standing { group: Some(group.kind()) })
}

impl Standing {
    fn joins(&self, compiled: &Compiled) -> String {
        self.of(|_| {
            format!("m.customer_id IS NULL AND e.customer_id IS NULL AND c.status = 'active' AND {}", compiled.matches)
        })
    }

    fn refused(&self, compiled: &Compiled) -> String {
        self.of(|_| {
            format!("c.status <> 'active' AND m.customer_id IS NULL AND e.customer_id IS NULL AND {}", compiled.matches)
        })
    }

    fn excluded(&self, compiled: &Compiled) -> String {
        self.of(|_| format!("e.customer_id IS NOT NULL AND {}", compiled.matches))
    }

    fn leaves(&self, compiled: &Compiled) -> String {
        self.of(|kind| {
            let stays = if kind == GroupType::Automatic { "" } else { " AND NOT m.by_hand" };
            format!(
                "m.customer_id IS NOT NULL{stays} AND (({}) IS NOT TRUE OR e.customer_id IS NOT NULL)",
                compiled.matches
            )
        })
    }

    fn of(&self, test: impl FnOnce(GroupType) -> String) -> String {
        self.group.map_or_else(|| "false".into(), test)
    }
}

/// Whom a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Who {
    /// Who matches.
    #[default]
    Matching,
    /// Who would join: those who get a place, where the group has a capacity.
    Joining,
    /// Who would leave.
    Leaving,
}

impl Who {
    /// All, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::Matching, Self::Joining, Self::Leaving];

    /// The name in an address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Matching => "matching",
            Self::Joining => "joining",
            Self::Leaving => "leaving",
        }
    }

    /// The one of a name; matching where there is none.
    pub fn of_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|who| who.name() == name).unwrap_or_default()
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Matching => "Matching",
            Self::Joining => "Would join",
            Self::Leaving => "Would leave",
        }
    }
}

/// A customer of such a list.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Listed {
    /// Id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Code.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The name as the list is sorted by it.
    #[diesel(sql_type = Text)]
    pub folded: String,
    /// Lifetime net of completed orders, minor units of the store's currency.
    #[diesel(sql_type = BigInt)]
    pub purchases: i64,
    /// Completed orders.
    #[diesel(sql_type = Integer)]
    pub orders: i32,
}

/// What the list is sorted by: the name in small letters, then the id.
pub type WhoKey = (String, Uuid);

/// A page of the customers whom a rule finds, by name. `places`: only so many of those who would join get a place, as
/// [`Preview::places`] says.
pub fn who(
    conn: &mut PgConnection,
    compiled: &Compiled,
    group: Option<&Group>,
    who: Who,
    places: Option<i64>,
    place: &Place<WhoKey>,
    limit: usize,
) -> Result<Page<Listed>> {
    let mut values = compiled.values.clone();
    let (joined, standing) = standing(group, &mut values);
    let test = match who {
        Who::Matching => compiled.matches.clone(),
        Who::Joining => match places {
            None => standing.joins(compiled),
            Some(places) => {
                let places = values.place(Value::Number(places));
                // In the turn in which a run lets them in.
                format!(
                    "c.id IN (SELECT c.id FROM {}{joined} WHERE {} ORDER BY c.customer_since, c.code LIMIT {places})",
                    compiled.from,
                    standing.joins(compiled)
                )
            }
        },
        Who::Leaving => standing.leaves(compiled),
    };
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
    // The roll-up is joined once more, for the few that are shown.
    let rows: Vec<Listed> = values
        .query(&format!(
            "SELECT f.id, f.code, f.name, f.folded, coalesce(b.net, 0) AS purchases, coalesce(b.orders, 0) AS orders
             FROM (SELECT c.id, c.code, c.name, lower(c.name) AS folded FROM {}{joined}
                   WHERE {test}{beyond} ORDER BY lower(c.name) {order}, c.id {order} LIMIT {limited}) f
             LEFT JOIN customer_purchases b ON b.customer_id = f.id
             ORDER BY f.folded {order}, f.id {order}",
            compiled.from
        ))
        .load(conn)?;
    Ok(Page::of(rows, place, limit))
}
