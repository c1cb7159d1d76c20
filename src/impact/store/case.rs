//! One change being assessed: whom it reaches, the sample of prices, and what one side of it looks like.

use super::assess::{Exposure, Favoured, Impact, Look, Move};
use super::whom::{Evidence, Reached, Whom};
use super::{customers, products, products_of};
use crate::error::Result;
use crate::impact::differences::differences;
use crate::impact::prices::{Sampled, Side, compare};
use crate::impact::touched::{TouchedGroup, between, changed_lists};
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
/// How many of them are those that the lists price which the change is about.
const LISTED: usize = 30;
/// How many moves from one group to another are named.
const MOVES: usize = 5;

/// A change and whom it reaches.
pub(super) struct Case<'a> {
    before: &'a Book,
    after: &'a Book,
    question: &'a Question,
    groups: Vec<TouchedGroup>,
    whom: Whom,
    sample: Option<Sample>,
}

/// Whose prices of what are compared.
struct Sample {
    customers: Vec<Sampled>,
    products: Vec<Uuid>,
    favoured: Option<Favoured>,
    lists: Vec<Uuid>,
    groups: Vec<Uuid>,
}

/// What the database says on one side of a change, which differs where the change is one of products and prices.
pub(super) struct Facts {
    products: HashMap<Uuid, Product>,
    seen: Option<Seen>,
    evidence: Evidence,
}

impl<'a> Case<'a> {
    /// `gone` are products that the list of the change priced before it.
    pub(super) fn new(
        conn: &mut PgConnection,
        (before, after): (&'a Book, &'a Book),
        question: &'a Question,
        look: Look<'_>,
        gone: &[Uuid],
    ) -> Result<Self> {
        let mut groups = between(before, after);
        for group in look.groups {
            if groups.iter().all(|known| known.id != group.id) {
                groups.push(group.clone());
            }
        }
        let reached = Reached::ask(conn, (before, after), &groups, question, look)?;
        let mut case = Self { before, after, question, groups, whom: Whom::default(), sample: None };
        if case.stands() || case.groups.iter().any(|group| group.is_felt() && group.pricing) {
            case.sample = Some(Sample::draw(conn, &case, &reached.sample, look, gone)?);
        }
        let sampled = case.sample.as_ref().map(|sample| sample.products.as_slice()).unwrap_or_default();
        case.whom = Whom::of(conn, (before, after), reached, look, (gone, sampled))?;
        Ok(case)
    }

    /// Whether a group begins or ends to count.
    fn stands(&self) -> bool {
        self.groups.iter().any(|group| group.counts_before != group.counts_after)
    }

    /// What the database says as it is today.
    pub(super) fn before(&self, conn: &mut PgConnection) -> Result<Facts> {
        self.facts(conn, self.before, false)
    }

    /// What it says with the change.
    pub(super) fn after(&self, conn: &mut PgConnection) -> Result<Facts> {
        self.facts(conn, self.after, true)
    }

    fn facts(&self, conn: &mut PgConnection, book: &Book, is_after: bool) -> Result<Facts> {
        let products = match &self.sample {
            Some(sample) => facts::products(conn, &sample.products, &sample.lists, &sample.groups)?,
            None => HashMap::new(),
        };
        let seen = match self.groups.first().filter(|group| group.visibility) {
            Some(group) => Some(visibility::count(conn, &sees(book.levels(), group.id))?),
            None => None,
        };
        Ok(Facts { products, seen, evidence: self.whom.evidence(conn, book, is_after)? })
    }

    /// The whole impact. The database is as it is today.
    pub(super) fn impact(self, conn: &mut PgConnection, was: &Facts, is: &Facts) -> Result<Impact> {
        let prices = self.sample.as_ref().map(|sample| {
            let before = Side { book: self.before, products: &was.products };
            let after = Side { book: self.after, products: &is.products };
            compare(before, after, &sample.customers, &sample.products, self.question)
        });
        let told = self.stands() || self.groups.iter().any(|group| group.is_felt() && group.terms);
        let deciding = told.then(|| self.whom.deciding());
        let exposure = deciding.as_ref().map(|rows| sum_of_limits(self.before, self.after, rows));
        let found = self.whom.affected((self.before, &was.evidence), (self.after, &is.evidence), self.question);
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
        Ok(Impact {
            customers: found.customers,
            is_exact: found.is_exact,
            reached: self.whom.reached(),
            without_groups: found.guests,
            told_for,
            differences,
            moves,
            prices,
            favoured: self.sample.and_then(|sample| sample.favoured),
            visible,
            exposure,
            groups: self.groups,
        })
    }
}

fn counted(customers: i64) -> String {
    if customers == 1 { "1 customer".into() } else { format!("{} customers", format_count(customers)) }
}

/// From whom to whom customers go, the most first.
fn moves(deciding: &[(Uuid, Uuid, i64)]) -> Vec<(Uuid, Uuid, i64)> {
    let mut found: Vec<(Uuid, Uuid, i64)> = deciding.iter().filter(|(from, to, _)| from != to).copied().collect();
    found.sort_by_key(|(from, to, customers)| (std::cmp::Reverse(*customers), *from, *to));
    found
}

impl Sample {
    fn draw(conn: &mut PgConnection, case: &Case<'_>, ids: &[Uuid], look: Look<'_>, gone: &[Uuid]) -> Result<Self> {
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
        let mut sampled: Vec<Uuid> = look.products.iter().copied().take(most).collect();
        let favoured = favour(conn, case, look, gone, &mut sampled)?;
        for id in products(conn, &lists, PRODUCTS)? {
            if sampled.len() < most && !sampled.contains(&id) {
                sampled.push(id);
            }
        }
        Ok(Self { customers, products: sampled, favoured, lists, groups })
    }
}

/// Puts products of the lists that the change is about first; which lists, and how many products.
fn favour(
    conn: &mut PgConnection,
    case: &Case<'_>,
    look: Look<'_>,
    gone: &[Uuid],
    sampled: &mut Vec<Uuid>,
) -> Result<Option<Favoured>> {
    let mut about = changed_lists(case.before, case.after);
    if let Some(list) = look.list.filter(|list| about.iter().all(|(id, _)| id != list)) {
        let levels = case.before.levels().values().chain(case.after.levels().values());
        let named = levels.flat_map(|level| &level.pricing.lists).find(|other| other.id == list);
        about.extend(named.map(|named| (list, named.name.clone())));
    }
    let ids: Vec<Uuid> = about.iter().map(|(id, _)| *id).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let mut priced = products_of(conn, &ids, PRODUCTS)?;
    priced.extend_from_slice(gone);
    let before = sampled.len();
    for id in &priced {
        if sampled.len() < before.max(LISTED) && !sampled.contains(id) {
            sampled.push(*id);
        }
    }
    let products = sampled.iter().filter(|id| priced.contains(id)).count();
    Ok(Some(Favoured { products, lists: about.into_iter().map(|(_, name)| name).collect() }))
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

fn sum_of_limits(before: &Book, after: &Book, deciding: &[(Uuid, Uuid, i64)]) -> Exposure {
    let limit =
        |book: &Book, group: Uuid| effective(book.levels(), group).and_then(|settings| settings.credit_limit.value);
    let mut sum = Exposure::default();
    for (from, to, customers) in deciding {
        match limit(before, *from) {
            Some(limit) => sum.before = sum.before.saturating_add(limit.saturating_mul(*customers)),
            None => sum.unlimited_before += customers,
        }
        match limit(after, *to) {
            Some(limit) => sum.after = sum.after.saturating_add(limit.saturating_mul(*customers)),
            None => sum.unlimited_after += customers,
        }
    }
    sum
}
