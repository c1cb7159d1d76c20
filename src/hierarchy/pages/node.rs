//! A group as a row of the tree, with the branch below it where that is open.

use crate::error::Result;
use crate::groups::group::ROOT_ID;
use crate::hierarchy::store;
use crate::inheritance::book::Book;
use crate::inheritance::effective::effective;
use crate::inheritance::level::Levels;
use crate::inheritance::overrides::{overrides, silent};
use crate::inheritance::own::Section;
use crate::money::Currency;
use crate::web::format::filters;
use askama::Template;
use diesel::PgConnection;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// Groups of a branch that come at once.
pub(super) const AT_ONCE: usize = 100;

/// How many own settings a row names.
const NAMED: usize = 5;

/// A group in the tree.
#[derive(Debug, Template)]
#[template(path = "hierarchy/_node.html")]
pub(super) struct Node {
    pub(super) id: Uuid,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) is_active: bool,
    pub(super) is_root: bool,
    /// Members of the group itself; of All Customers, everybody.
    pub(super) members: i64,
    /// How many groups stand right below it.
    pub(super) children: usize,
    /// Distinct customers with all below, where that is known.
    pub(super) customers: Option<i64>,
    /// What the group says itself: the first few settings.
    pub(super) says: Vec<&'static str>,
    /// How many more there are.
    pub(super) says_more: usize,
    /// Sections that it doesn't inherit.
    pub(super) cut: Vec<&'static str>,
    pub(super) may_move: bool,
    /// The groups below, where the branch is open.
    pub(super) branch: Option<Branch>,
}

/// The groups right below another.
#[derive(Debug, Template)]
#[template(path = "hierarchy/_branch.html")]
pub(super) struct Branch {
    pub(super) above: Uuid,
    pub(super) nodes: Vec<Node>,
    /// Where the rest of a long branch begins.
    pub(super) next: Option<usize>,
}

impl Branch {
    /// Whether a count comes after the branch.
    fn is_uncounted(&self) -> bool {
        self.nodes.iter().any(|node| node.customers.is_none())
    }
}

/// What the tree is drawn from.
pub(super) struct Drawing<'a> {
    pub(super) book: &'a Book,
    pub(super) currency: Currency,
    pub(super) everybody: i64,
    pub(super) may_move: bool,
    /// The groups whose branches are open.
    pub(super) open: HashSet<Uuid>,
    /// Whether customers with subgroups are counted right away.
    pub(super) counted: bool,
}

impl Drawing<'_> {
    /// The whole tree, as far as it is open.
    pub(super) fn root(&self, conn: &mut PgConnection) -> Result<Option<Node>> {
        let mut shown = vec![ROOT_ID];
        let mut next = 0;
        while let Some(id) = shown.get(next).copied() {
            if self.open.contains(&id) {
                shown.extend(self.book.children(id).iter().take(AT_ONCE));
            }
            next += 1;
        }
        let (members, customers) = self.counts(conn, &shown)?;
        Ok(self.node(ROOT_ID, &members, &customers))
    }

    /// One branch, from its `begin`th group on.
    pub(super) fn branch(&self, conn: &mut PgConnection, above: Uuid, begin: usize) -> Result<Branch> {
        let ids: Vec<Uuid> = self.book.children(above).iter().skip(begin).take(AT_ONCE).copied().collect();
        let (members, customers) = self.counts(conn, &ids)?;
        Ok(self.below(above, begin, &members, &customers))
    }

    fn counts(&self, conn: &mut PgConnection, ids: &[Uuid]) -> Result<(HashMap<Uuid, i64>, HashMap<Uuid, i64>)> {
        let members = store::own_members(conn, ids)?;
        let customers = if self.counted { customers(conn, self.book, ids)? } else { HashMap::new() };
        Ok((members, customers))
    }

    fn below(&self, above: Uuid, begin: usize, members: &HashMap<Uuid, i64>, customers: &HashMap<Uuid, i64>) -> Branch {
        let children = self.book.children(above);
        let nodes = children.iter().skip(begin).take(AT_ONCE);
        let nodes = nodes.filter_map(|id| self.node(*id, members, customers)).collect();
        let next = (begin + AT_ONCE < children.len()).then_some(begin + AT_ONCE);
        Branch { above, nodes, next }
    }

    fn node(&self, id: Uuid, members: &HashMap<Uuid, i64>, reach: &HashMap<Uuid, i64>) -> Option<Node> {
        let level = self.book.level(id)?;
        let is_root = id == ROOT_ID;
        let children = self.book.children(id).len();
        let own = members.get(&id).copied().unwrap_or_default();
        let customers = match (is_root, children) {
            (true, _) => Some(self.everybody),
            (false, 0) => Some(own),
            (false, _) if self.counted => Some(reach.get(&id).copied().unwrap_or_default()),
            (false, _) => None,
        };
        let mut says = self.says(id);
        let says_more = says.len().saturating_sub(NAMED);
        says.truncate(NAMED);
        Some(Node {
            id,
            code: level.code.clone(),
            name: level.name.clone(),
            is_active: level.counts,
            is_root,
            members: if is_root { self.everybody } else { own },
            children,
            customers,
            says,
            says_more,
            cut: Section::ALL.into_iter().filter(|s| !level.inherit.of(*s)).map(Section::label).collect(),
            may_move: self.may_move && !is_root,
            branch: (self.open.contains(&id) && children > 0).then(|| self.below(id, 0, members, reach)),
        })
    }

    /// The labels of what a group says itself, each once.
    fn says(&self, id: Uuid) -> Vec<&'static str> {
        let Some(level) = self.book.level(id) else { return Vec::new() };
        // Only the chain matters: a tree of 10,000 groups isn't copied for each row.
        let mut bare: Levels = HashMap::new();
        let mut next = self.book.levels().get(&id);
        while let Some(above) = next.filter(|above| !bare.contains_key(&above.id)) {
            bare.insert(above.id, Arc::clone(above));
            next = above.parent_id.and_then(|parent| self.book.levels().get(&parent));
        }
        bare.insert(id, Arc::new(silent(level)));
        let (Some(holds), Some(inherited)) = (effective(self.book.levels(), id), effective(&bare, id)) else {
            return Vec::new();
        };
        let mut labels: Vec<&'static str> =
            overrides(level, &holds, &inherited, self.currency).iter().map(|own| own.label).collect();
        labels.dedup();
        labels
    }
}

/// Distinct customers with all below, of those groups that have groups below.
pub(super) fn customers(conn: &mut PgConnection, book: &Book, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let with_children = ids.iter().filter(|id| **id != ROOT_ID && !book.children(**id).is_empty());
    let subtrees: Vec<(Uuid, Vec<Uuid>)> = with_children.map(|id| (*id, book.subtree(*id))).collect();
    if subtrees.is_empty() { Ok(HashMap::new()) } else { store::distinct_members(conn, &subtrees) }
}
