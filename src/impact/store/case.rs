//! One change being assessed: whom it reaches, the sample of prices, and what one side of it looks like.

use super::assess::{Exposure, Impact, Look, Move};
use super::exposure::{self, Asked};
use super::{customers, products, reached};
use crate::error::Result;
use crate::groups::group::ROOT_ID;
use crate::impact::differences::differences;
use crate::impact::prices::{Sampled, Side, compare};
use crate::impact::touched::{TouchedGroup, between};
use crate::inheritance::book::Book;
use crate::inheritance::counting::{Standing, State, which_groups_count};
use crate::inheritance::effective::effective;
use crate::money::format_count;
use crate::pricing::facts::{Product, Question};
use crate::pricing::resolve::{Counting, Ladder};
use crate::pricing::store::facts;
use crate::visibility::sees::sees;
use crate::visibility::store::{self as visibility, Seen};
use diesel::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// How many products the sample has at most.
const PRODUCTS: i64 = 40;
/// How many moves from one group to another are named.
const MOVES: usize = 5;

/// A change and whom it reaches.
pub(super) struct Case<'a> {
    before: &'a Book,
    after: &'a Book,
    question: &'a Question,
    groups: Vec<TouchedGroup>,
    customers: i64,
    sample: Option<Sample>,
}

/// Whose prices of what are compared.
struct Sample {
    customers: Vec<Sampled>,
    products: Vec<Uuid>,
    lists: Vec<Uuid>,
    groups: Vec<Uuid>,
}

/// What the database says on one side of a change, which differs where the change is one of products and prices.
pub(super) struct Facts {
    products: HashMap<Uuid, Product>,
    seen: Option<Seen>,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        conn: &mut PgConnection,
        before: &'a Book,
        after: &'a Book,
        question: &'a Question,
        look: Look<'_>,
    ) -> Result<Self> {
        let mut groups = between(before, after);
        for group in look.groups {
            if groups.iter().all(|known| known.id != group.id) {
                groups.push(group.clone());
            }
        }
        let ids = felt(&groups);
        let without_groups = ids.contains(&ROOT_ID);
        let (customers, sample) = if ids.is_empty() { (0, Vec::new()) } else { reached(conn, &ids, without_groups)? };
        let mut case = Self { before, after, question, groups, customers, sample: None };
        if case.stands() || case.groups.iter().any(|group| group.is_felt() && group.pricing) {
            case.sample = Some(Sample::draw(conn, &case, &sample, look.products)?);
        }
        Ok(case)
    }

    /// Whether a group begins or ends to count.
    fn stands(&self) -> bool {
        self.groups.iter().any(|group| group.counts_before != group.counts_after)
    }

    pub(super) fn facts(&self, conn: &mut PgConnection, book: &Book) -> Result<Facts> {
        let products = match &self.sample {
            Some(sample) => facts::products(conn, &sample.products, &sample.lists, &sample.groups)?,
            None => HashMap::new(),
        };
        let seen = match self.groups.first().filter(|group| group.visibility) {
            Some(group) => Some(visibility::count(conn, &sees(book.levels(), group.id))?),
            None => None,
        };
        Ok(Facts { products, seen })
    }

    /// The whole impact. The database is as it is today.
    pub(super) fn impact(self, conn: &mut PgConnection, was: &Facts, is: &Facts) -> Result<Impact> {
        let ids = felt(&self.groups);
        let without_groups = ids.contains(&ROOT_ID);
        let prices = self.sample.as_ref().map(|sample| {
            let before = Side { book: self.before, products: &was.products };
            let after = Side { book: self.after, products: &is.products };
            compare(before, after, &sample.customers, &sample.products, self.question)
        });
        let deciding = if self.stands() || self.groups.iter().any(|group| group.is_felt() && group.terms) {
            let ids_of = |wanted: fn(&TouchedGroup) -> bool| -> Vec<Uuid> {
                self.groups.iter().filter(|group| wanted(group)).map(|group| group.id).collect()
            };
            let stops = ids_of(|group| group.counts_before && !group.counts_after);
            let starts = ids_of(|group| !group.counts_before && group.counts_after);
            let asked = Asked { groups: &ids, without_groups, stops: &stops, starts: &starts };
            Some(exposure::deciding(conn, &asked)?)
        } else {
            None
        };
        let exposure = deciding.as_ref().map(|rows| sum_of_limits(self.before, self.after, rows));
        let mut told_for = self.groups.first().map(|group| group.name.clone()).unwrap_or_default();
        let mut pair = self.groups.first().map(|group| (group.id, group.id));
        let mut visible = was.seen.zip(is.seen);
        let moved = moves(deciding.as_deref().unwrap_or_default());
        let name = |id: Uuid| {
            let level = self.before.level(id).or_else(|| self.after.level(id));
            level.map(|level| level.name.clone()).unwrap_or_default()
        };
        if let Some((from, to, customers)) = moved.first().filter(|_| self.stands()) {
            told_for = format!("{}, with {} instead of {}", counted(*customers), name(*to), name(*from));
            pair = Some((*from, *to));
            let seen = (
                visibility::count(conn, &sees(self.before.levels(), *from))?,
                visibility::count(conn, &sees(self.after.levels(), *to))?,
            );
            visible = (seen.0 != seen.1).then_some(seen);
        }
        let differences = pair
            .and_then(|(from, to)| effective(self.before.levels(), from).zip(effective(self.after.levels(), to)))
            .map(|(old, new)| differences(&old, &new, self.question.currency))
            .unwrap_or_default();
        let moves = moved
            .iter()
            .take(MOVES)
            .map(|(from, to, customers)| Move { from: name(*from), to: name(*to), customers: *customers })
            .collect();
        let Self { groups, customers, .. } = self;
        Ok(Impact { customers, without_groups, told_for, differences, moves, prices, visible, exposure, groups })
    }
}

/// The groups whose customers notice.
fn felt(groups: &[TouchedGroup]) -> Vec<Uuid> {
    groups.iter().filter(|group| group.is_felt()).map(|group| group.id).collect()
}

fn counted(customers: i64) -> String {
    if customers == 1 { "1 customer".into() } else { format!("{} customers", format_count(customers)) }
}

/// From whom to whom customers go, the most first.
fn moves(deciding: &[exposure::Deciding]) -> Vec<(Uuid, Uuid, i64)> {
    let mut found: Vec<(Uuid, Uuid, i64)> = deciding
        .iter()
        .filter(|row| row.before != row.after)
        .map(|row| (row.before.unwrap_or(ROOT_ID), row.after.unwrap_or(ROOT_ID), row.customers))
        .collect();
    found.sort_by_key(|(from, to, customers)| (std::cmp::Reverse(*customers), *from, *to));
    found
}

impl Sample {
    fn draw(conn: &mut PgConnection, case: &Case<'_>, ids: &[Uuid], wanted: &[Uuid]) -> Result<Self> {
        let customers: Vec<Sampled> = customers(conn, ids)?
            .into_iter()
            .map(|customer| Sampled {
                before: counting(case.before, &customer.standing),
                after: counting(case.after, &customer.standing),
                id: customer.id,
                name: customer.name,
            })
            .collect();
        let (mut lists, mut groups) = (Vec::new(), Vec::new());
        for customer in &customers {
            for (book, counting) in [(case.before, &customer.before), (case.after, &customer.after)] {
                let ladder = Ladder::new(book.levels(), counting, &[]);
                lists.extend(ladder.lists());
                groups.extend(ladder.groups());
            }
        }
        for ids in [&mut lists, &mut groups] {
            ids.sort_unstable();
            ids.dedup();
        }
        let most = usize::try_from(PRODUCTS).unwrap_or_default();
        let mut sampled: Vec<Uuid> = wanted.iter().copied().take(most).collect();
        for id in products(conn, &lists, PRODUCTS)? {
            if sampled.len() < most && !sampled.contains(&id) {
                sampled.push(id);
            }
        }
        Ok(Self { customers, products: sampled, lists, groups })
    }
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
