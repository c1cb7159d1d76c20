//! Whom a change affects, from the database: the customers whom it reaches, and the products that it takes to tell.

use super::assess::Look;
use super::draw::Draw;
use super::passing::{Asked, each};
use super::{active_products, catalogue, members_of, products_of};
use crate::error::Result;
use crate::groups::group::ROOT_ID;
use crate::impact::affected::{Judge, Open, Sorted, Who, costs_differ};
use crate::impact::prices::Side;
use crate::impact::stands::Stands;
use crate::impact::touched::{TouchedGroup, changed_lists, only_lists};
use crate::inheritance::book::Book;
use crate::pricing::facts::{Product, Question};
use crate::pricing::resolve::{Counting, Ladder};
use crate::pricing::store::facts;
use crate::visibility::sees::any_sees;
use crate::visibility::store as visibility;
use diesel::PgConnection;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Of more memberships the customers are found all together.
const MANY: i64 = 20_000;
/// How many products are compared for each kind of customers at most.
pub(super) const PROBED: i64 = 1_000;
/// How many prices are compared at most.
const COMPARED: usize = 100_000;
/// How many conditions of what is seen are compared at most, of how many products.
const MARKED: usize = 24;
const MARKED_OF: i64 = 20_000;

/// What is seen, by the groups that count.
pub(super) type Marks = HashMap<Vec<Uuid>, String>;

/// Whom a change reaches.
#[derive(Default)]
pub(super) struct Reached {
    sorted: Sorted,
    /// A sample of them.
    pub(super) sample: Vec<Uuid>,
}

/// Whom a change reaches, and what it takes to say whom it affects.
#[derive(Default)]
pub(super) struct Whom {
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
    /// For how many of the open kinds of customers.
    kinds: usize,
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

impl Reached {
    /// Looks at each customer for whom one of `groups` counts.
    pub(super) fn ask(
        conn: &mut PgConnection,
        (before, after): (&Book, &Book),
        groups: &[TouchedGroup],
        question: &Question,
        look: Look<'_>,
    ) -> Result<Self> {
        let of = |wanted: &dyn Fn(&TouchedGroup) -> bool| -> Vec<Uuid> {
            groups.iter().filter(|group| wanted(group)).map(|group| group.id).collect()
        };
        let felt = of(&TouchedGroup::is_felt);
        if felt.is_empty() {
            return Ok(Self::default());
        }
        let unsteady = of(&|group| group.counts_before != group.counts_after);
        let everybody = felt.contains(&ROOT_ID);
        let many = everybody || members_of(conn, &felt)? > MANY;
        let known: HashSet<Uuid> = felt.iter().copied().collect();
        let mut judge = Judge::new(before, after, question.day, look.list);
        let mut draw = Draw::new(conn, many)?;
        each(conn, Asked { groups: &felt, unsteady: &unsteady, everybody, many }, |id, stands: &Stands| {
            let was = stands.counting(before);
            let is = if unsteady.is_empty() { was.clone() } else { stands.counting(after) };
            let noticed =
                |groups: &[Uuid]| (everybody && groups.is_empty()) || groups.iter().any(|group| known.contains(group));
            if noticed(&was) || noticed(&is) {
                judge.take(Who::Customer, &was, &is);
                draw.meet(id);
            }
        })?;
        if everybody {
            judge.take(Who::Guests, &[], &[]);
        }
        let mut sorted = judge.sorted();
        // Those of most customers are compared first.
        sorted.open.sort_by(|a, b| (Reverse(a.customers), &a.before).cmp(&(Reverse(b.customers), &b.before)));
        Ok(Self { sorted, sample: draw.drawn(conn)? })
    }
}

impl Whom {
    /// `gone` are products that the change's list priced before it, `sampled` those of the sample.
    pub(super) fn of(
        conn: &mut PgConnection,
        books: (&Book, &Book),
        Reached { sorted, .. }: Reached,
        look: Look<'_>,
        (gone, sampled): (&[Uuid], &[Uuid]),
    ) -> Result<Self> {
        let probe = if sorted.open.iter().any(|open| open.prices) {
            let (products, complete) = probed(conn, books, look, (gone, sampled))?;
            Probe::of(books, &sorted, products, complete)
        } else {
            Probe::default()
        };
        let sights = sorted.open.iter().filter(|open| open.sight.is_some()).count();
        let marked = sights > 0 && sights <= MARKED && active_products(conn)? <= MARKED_OF;
        Ok(Self { sorted, probe, marked })
    }

    /// The customers that are reached, affected or not.
    pub(super) fn reached(&self) -> i64 {
        self.sorted.reached
    }

    /// From which group's terms to which one's how many customers would go; All Customers where no group counts.
    pub(super) fn deciding(&self) -> Vec<(Uuid, Uuid, i64)> {
        self.sorted.deciding.iter().map(|((from, to), customers)| (*from, *to, *customers)).collect()
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
        let mut found = Affected {
            customers: self.sorted.affected + self.sorted.unkept,
            is_exact: self.sorted.unkept == 0,
            guests: self.sorted.guests,
        };
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
                found.guests |= open.guests;
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
        if place >= self.probe.kinds {
            return None;
        }
        let before = Side { book: before.0, products: &before.1.products };
        let after = Side { book: after.0, products: &after.1.products };
        let differ = costs_differ(before, after, open, &self.probe.products, question);
        (differ || self.probe.complete).then_some(differ)
    }
}

impl Probe {
    fn of((before, after): (&Book, &Book), sorted: &Sorted, products: Vec<Uuid>, complete: bool) -> Self {
        let kinds = COMPARED / products.len().max(1);
        if !complete && (sorted.unkept > 0 || sorted.open.len() > kinds) {
            // Whoever is left over counts, and so do those whom these products don't tell apart: comparing says nothing.
            return Self::default();
        }
        let mut probe = Self { products, complete, kinds, ..Self::default() };
        for open in sorted.open.iter().take(kinds).filter(|open| open.prices) {
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
