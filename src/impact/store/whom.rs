//! Whom a change affects, from the database: the cohorts that it reaches, and the products that it takes to tell them apart.

use super::assess::Look;
use super::cohorts::{by_decider, cohorts};
use super::{active_products, catalogue, products_of};
use crate::error::Result;
use crate::groups::group::ROOT_ID;
use crate::impact::affected::{Cohort, Judge, Open, Sorted, costs_differ};
use crate::impact::prices::Side;
use crate::impact::touched::{TouchedGroup, changed_lists, only_lists};
use crate::inheritance::book::Book;
use crate::pricing::facts::{Product, Question};
use crate::pricing::resolve::{Counting, Ladder};
use crate::pricing::store::facts;
use crate::visibility::sees::any_sees;
use crate::visibility::store as visibility;
use diesel::PgConnection;
use std::cmp::Reverse;
use std::collections::HashMap;
use uuid::Uuid;

/// How many products are compared for each cohort at most.
pub(super) const PROBED: i64 = 1_000;
/// How many prices are compared at most.
const COMPARED: usize = 100_000;
/// How many conditions of what is seen are compared at most, of how many products.
const MARKED: usize = 24;
const MARKED_OF: i64 = 20_000;

/// What is seen, by the groups that count.
pub(super) type Marks = HashMap<Vec<Uuid>, String>;

/// Whom a change reaches, and what it takes to say whom it affects.
#[derive(Default)]
pub(super) struct Whom {
    cohorts: Vec<Cohort>,
    sorted: Sorted,
    /// What is compared.
    probe: Probe,
    /// Whether what is seen can be compared.
    marked: bool,
}

#[derive(Default)]
struct Probe {
    products: Vec<Uuid>,
    /// No other product's price can change.
    complete: bool,
    /// For how many of the open cohorts.
    cohorts: usize,
    lists: Vec<Uuid>,
    groups: Vec<Uuid>,
}

/// What one side says of the products that it takes to tell.
#[derive(Default)]
pub(super) struct Evidence {
    pub(super) products: HashMap<Uuid, Product>,
    pub(super) marks: Marks,
}

/// Who notices.
pub(super) struct Affected {
    pub(super) customers: i64,
    pub(super) is_exact: bool,
    pub(super) guests: bool,
}

impl Whom {
    /// `gone` are products that the change's list priced before it, `sampled` those of the sample.
    pub(super) fn ask(
        conn: &mut PgConnection,
        (before, after): (&Book, &Book),
        groups: &[TouchedGroup],
        question: &Question,
        look: Look<'_>,
        (gone, sampled): (&[Uuid], &[Uuid]),
    ) -> Result<Self> {
        let felt: Vec<Uuid> = groups.iter().filter(|group| group.is_felt()).map(|group| group.id).collect();
        if felt.is_empty() {
            return Ok(Self::default());
        }
        let everybody = felt.contains(&ROOT_ID);
        let wide = groups.iter().any(|group| {
            group.counts_before != group.counts_after || (group.is_felt() && (group.pricing || group.visibility))
        });
        let mut cohorts = if wide { cohorts(conn, &felt, everybody)? } else { by_decider(conn, &felt, everybody)? };
        if everybody {
            cohorts.push(Cohort { organization: None, own: Vec::new(), customers: 0 });
        }
        let mut sorted = Judge::new(before, after, question.day, look.list).sort(&cohorts);
        // Those of most customers are compared first.
        sorted.open.sort_by(|a, b| (Reverse(a.customers), &a.before).cmp(&(Reverse(b.customers), &b.before)));
        let probe = if sorted.open.iter().any(|open| open.prices) {
            let (products, complete) = probed(conn, (before, after), look, (gone, sampled))?;
            Probe::of((before, after), &sorted.open, products, complete)
        } else {
            Probe::default()
        };
        let sights = sorted.open.iter().filter(|open| open.sight.is_some()).count();
        let marked = sights > 0 && sights <= MARKED && active_products(conn)? <= MARKED_OF;
        Ok(Self { cohorts, sorted, probe, marked })
    }

    /// The customers that are reached, affected or not.
    pub(super) fn reached(&self) -> i64 {
        self.sorted.reached
    }

    /// From which group's terms to which one's how many customers would go; All Customers where no group counts.
    pub(super) fn deciding(&self, before: &Book, after: &Book) -> Vec<(Uuid, Uuid, i64)> {
        let mut found: HashMap<(Uuid, Uuid), i64> = HashMap::new();
        for cohort in self.cohorts.iter().filter(|cohort| cohort.customers > 0) {
            let first = |book| cohort.counting(book).first().copied().unwrap_or(ROOT_ID);
            *found.entry((first(before), first(after))).or_default() += cohort.customers;
        }
        found.into_iter().map(|((from, to), customers)| (from, to, customers)).collect()
    }

    /// What the database says on one side.
    pub(super) fn evidence(&self, conn: &mut PgConnection, book: &Book, is_after: bool) -> Result<Evidence> {
        let mut found = Evidence::default();
        if !self.probe.products.is_empty() {
            found.products = facts::products(conn, &self.probe.products, &self.probe.lists, &self.probe.groups)?;
        }
        if self.marked {
            for (was, is) in self.sorted.open.iter().filter_map(|open| open.sight.as_ref()) {
                let groups = if is_after { is.groups() } else { was.groups() };
                if !found.marks.contains_key(groups) {
                    let mark = visibility::mark(conn, &any_sees(book.levels(), groups))?;
                    found.marks.insert(groups.to_vec(), mark);
                }
            }
        }
        Ok(found)
    }

    /// Who notices. Of whom it can't be said is counted.
    pub(super) fn affected(
        &self,
        before: (&Book, &Evidence),
        after: (&Book, &Evidence),
        question: &Question,
    ) -> Affected {
        let mut found = Affected { customers: self.sorted.affected, is_exact: true, guests: self.sorted.guests };
        for (place, open) in self.sorted.open.iter().enumerate() {
            let answers = [
                open.prices.then(|| self.prices(place, open, before, after, question)),
                open.sight.as_ref().map(|(was, is)| {
                    let (was, is) = (before.1.marks.get(was.groups()), after.1.marks.get(is.groups()));
                    was.zip(is).map(|(was, is)| was != is)
                }),
            ];
            let differs = answers.contains(&Some(Some(true)));
            let unknown = answers.contains(&Some(None));
            if differs || unknown {
                found.customers += open.customers;
                found.is_exact &= differs;
                found.guests |= open.customers == 0;
            }
        }
        found
    }

    /// Whether prices differ, as far as can be said.
    fn prices(
        &self,
        place: usize,
        open: &Open,
        before: (&Book, &Evidence),
        after: (&Book, &Evidence),
        question: &Question,
    ) -> Option<bool> {
        if place >= self.probe.cohorts {
            return None;
        }
        let before = Side { book: before.0, products: &before.1.products };
        let after = Side { book: after.0, products: &after.1.products };
        let differ = costs_differ(before, after, open, &self.probe.products, question);
        (differ || self.probe.complete).then_some(differ)
    }
}

impl Probe {
    fn of((before, after): (&Book, &Book), open: &[Open], products: Vec<Uuid>, complete: bool) -> Self {
        let cohorts = COMPARED / products.len().max(1);
        let mut probe = Self { products, complete, cohorts, ..Self::default() };
        for open in open.iter().take(cohorts).filter(|open| open.prices) {
            for (book, groups) in [(before, &open.before), (after, &open.after)] {
                let counting: Vec<Counting> = groups.iter().map(|id| Counting { id: *id, is_primary: false }).collect();
                let ladder = Ladder::new(book.levels(), &counting, &[]);
                probe.lists.extend(ladder.lists());
                probe.groups.extend(ladder.groups());
            }
        }
        for ids in [&mut probe.lists, &mut probe.groups] {
            ids.sort_unstable();
            ids.dedup();
        }
        probe
    }
}

/// The products to compare, and whether no other one's price can change.
fn probed(
    conn: &mut PgConnection,
    (before, after): (&Book, &Book),
    look: Look<'_>,
    (gone, sampled): (&[Uuid], &[Uuid]),
) -> Result<(Vec<Uuid>, bool)> {
    let fits = |ids: &[Uuid]| i64::try_from(ids.len()).is_ok_and(|count| count <= PROBED);
    if look.list.is_some() && !look.products.is_empty() {
        return Ok((look.products.to_vec(), true));
    }
    let whole = catalogue(conn, PROBED + 1)?;
    if fits(&whole) {
        return Ok((whole, true));
    }
    if look.list.is_some() || only_lists(before, after) {
        let changed = changed_lists(before, after).into_iter().map(|(id, _)| id);
        let lists: Vec<Uuid> = changed.chain(look.list).collect();
        let mut ids = products_of(conn, &lists, PROBED + 1)?;
        ids.extend_from_slice(gone);
        ids.sort_unstable();
        ids.dedup();
        let complete = fits(&ids);
        ids.truncate(usize::try_from(PROBED).unwrap_or_default());
        return Ok((ids, complete));
    }
    Ok((sampled.to_vec(), false))
}
