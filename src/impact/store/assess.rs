//! The whole impact of a change: whom it reaches and what it does to them.

use super::exposure::{self, Asked};
use super::{customers, products, reached};
use crate::error::Result;
use crate::groups::group::ROOT_ID;
use crate::impact::differences::{Difference, differences};
use crate::impact::prices::{PriceImpact, Sampled, compare};
use crate::impact::touched::{TouchedGroup, between};
use crate::inheritance::book::Book;
use crate::inheritance::counting::{Standing, State, which_groups_count};
use crate::inheritance::effective::effective;
use crate::pricing::facts::Question;
use crate::pricing::resolve::{Counting, Ladder};
use crate::pricing::store::facts;
use crate::visibility::sees::sees;
use crate::visibility::store::{self as visibility, Seen};
use diesel::PgConnection;
use uuid::Uuid;

/// How many products the sample has at most.
const PRODUCTS: i64 = 40;

/// What a change would do. Money in minor units of the store's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impact {
    /// The groups whose settings or standing would be others, the nearest to the root first.
    pub groups: Vec<TouchedGroup>,
    /// Customers for whom one of them counts, exactly, organizations' customers included.
    pub customers: i64,
    /// The same customers who have no group at all and buy on All Customers' settings are among them.
    pub without_groups: bool,
    /// What changes for the first of the groups, field by field.
    pub differences: Vec<Difference>,
    /// Prices of a sample; nothing where no price can change.
    pub prices: Option<PriceImpact>,
    /// Active products that the first group sees, today and then.
    pub visible: Option<(Seen, Seen)>,
    /// Credit limits of the customers reached.
    pub exposure: Option<Exposure>,
}

/// The credit limits of customers, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Σ of the limits today.
    pub before: i64,
    /// Σ of the limits then.
    pub after: i64,
    /// Customers without a limit today.
    pub unlimited_before: i64,
    /// Customers without a limit then.
    pub unlimited_after: i64,
}

impl Impact {
    /// Whether nobody would notice.
    pub fn is_nothing(&self) -> bool {
        self.groups.is_empty()
    }
}

/// Looks at what the change from `before` to `after` does to customers, on the store day and in the currency of
/// `question`.
pub fn assess(conn: &mut PgConnection, before: &Book, after: &Book, question: &Question) -> Result<Impact> {
    let groups = between(before, after);
    let felt: Vec<&TouchedGroup> = groups.iter().filter(|group| group.is_felt()).collect();
    let ids: Vec<Uuid> = felt.iter().map(|group| group.id).collect();
    let without_groups = ids.contains(&ROOT_ID);
    let (reached, sample) = if ids.is_empty() { (0, Vec::new()) } else { reached(conn, &ids, without_groups)? };
    let stands = felt.iter().any(|group| group.counts_before != group.counts_after);
    let prices = if stands || felt.iter().any(|group| group.pricing) {
        Some(sampled_prices(conn, before, after, &sample, question)?)
    } else {
        None
    };
    let first = groups.first();
    let visible = match first.filter(|group| group.visibility) {
        Some(group) => Some((
            visibility::count(conn, &sees(before.levels(), group.id))?,
            visibility::count(conn, &sees(after.levels(), group.id))?,
        )),
        None => None,
    };
    let exposure = if stands || felt.iter().any(|group| group.terms) {
        let stops: Vec<Uuid> = felt.iter().filter(|g| g.counts_before && !g.counts_after).map(|g| g.id).collect();
        let starts: Vec<Uuid> = felt.iter().filter(|g| !g.counts_before && g.counts_after).map(|g| g.id).collect();
        let asked = Asked { groups: &ids, without_groups, stops: &stops, starts: &starts };
        Some(sum_of_limits(before, after, &exposure::deciding(conn, &asked)?))
    } else {
        None
    };
    let differences = first
        .and_then(|group| effective(before.levels(), group.id).zip(effective(after.levels(), group.id)))
        .map(|(old, new)| differences(&old, &new, question.currency))
        .unwrap_or_default();
    Ok(Impact { customers: reached, without_groups, differences, prices, visible, exposure, groups })
}

fn sampled_prices(
    conn: &mut PgConnection,
    before: &Book,
    after: &Book,
    sample: &[Uuid],
    question: &Question,
) -> Result<PriceImpact> {
    let sampled: Vec<Sampled> = customers(conn, sample)?
        .into_iter()
        .map(|customer| Sampled {
            before: counting(before, &customer.standing),
            after: counting(after, &customer.standing),
            id: customer.id,
            name: customer.name,
        })
        .collect();
    let (mut lists, mut groups) = (Vec::new(), Vec::new());
    for customer in &sampled {
        for (book, counting) in [(before, &customer.before), (after, &customer.after)] {
            let ladder = Ladder::new(book.levels(), counting, &[]);
            lists.extend(ladder.lists());
            groups.extend(ladder.groups());
        }
    }
    for ids in [&mut lists, &mut groups] {
        ids.sort_unstable();
        ids.dedup();
    }
    let ids = products(conn, &lists, PRODUCTS)?;
    let mut found = facts::products(conn, &ids, &lists, &groups)?;
    let products: Vec<_> = ids.iter().filter_map(|id| found.remove(id)).collect();
    Ok(compare(before, after, &sampled, &products, question))
}

/// The groups that count for a customer by a book, whatever the database says of the groups.
fn counting(book: &Book, standing: &Standing) -> Vec<Counting> {
    let mut standing = standing.clone();
    let organizations = standing.organization.iter_mut().filter_map(|organization| organization.group.as_mut());
    for group in organizations.chain(standing.memberships.iter_mut().map(|membership| &mut membership.group)) {
        group.state = match book.level(group.id) {
            Some(level) if level.counts => State::Active,
            Some(_) => State::Inactive,
            None => State::Deleted,
        };
    }
    Counting::all(&which_groups_count(&standing))
}

fn sum_of_limits(before: &Book, after: &Book, deciding: &[exposure::Deciding]) -> Exposure {
    let limit = |book: &Book, group: Option<Uuid>| {
        effective(book.levels(), group.unwrap_or(ROOT_ID)).and_then(|settings| settings.credit_limit.value)
    };
    let mut sum = Exposure::default();
    for row in deciding {
        match limit(before, row.before) {
            Some(limit) => sum.before = sum.before.saturating_add(limit.saturating_mul(row.customers)),
            None => sum.unlimited_before += row.customers,
        }
        match limit(after, row.after) {
            Some(limit) => sum.after = sum.after.saturating_add(limit.saturating_mul(row.customers)),
            None => sum.unlimited_after += row.customers,
        }
    }
    sum
}
