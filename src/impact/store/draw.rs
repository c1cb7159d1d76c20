//! The sample of customers that is drawn while all who are reached pass by.

use crate::error::Result;
use crate::schema::customer_purchases;
use diesel::prelude::*;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use uuid::Uuid;

/// How many customers of the sample are those who bought most, and how many the newest.
pub const MOST_BOUGHT: i64 = 15;
/// See [`MOST_BOUGHT`].
pub const NEWEST: usize = 10;
/// So many of the shop's best customers are known by their place; among more, one of a large group's best is.
const BEST: i64 = 20_000;
/// So many customers are asked for what they bought, where the best ones aren't among them.
const ASKED: usize = 20_000;

/// A sample being drawn.
pub(super) struct Draw {
    /// The shop's best customers, each with its place.
    places: HashMap<Uuid, usize>,
    met: Vec<(usize, Uuid)>,
    newest: BinaryHeap<Reverse<Uuid>>,
    first: Vec<Uuid>,
    count: usize,
}

impl Draw {
    /// `many` says whether more than [`ASKED`] may come.
    pub(super) fn new(conn: &mut PgConnection, many: bool) -> Result<Self> {
        let best: Vec<Uuid> = if many {
            customer_purchases::table
                .order((customer_purchases::net.desc(), customer_purchases::customer_id.desc()))
                .select(customer_purchases::customer_id)
                .limit(BEST)
                .load(conn)?
        } else {
            Vec::new()
        };
        let places = best.into_iter().enumerate().map(|(place, id)| (id, place)).collect();
        Ok(Self { places, met: Vec::new(), newest: BinaryHeap::new(), first: Vec::new(), count: 0 })
    }

    /// A customer passes by, once.
    pub(super) fn meet(&mut self, id: Uuid) {
        self.count += 1;
        self.met.extend(self.places.get(&id).map(|place| (*place, id)));
        if self.first.len() < ASKED {
            self.first.push(id);
        }
        // Later ids are newer.
        self.newest.push(Reverse(id));
        if self.newest.len() > NEWEST {
            self.newest.pop();
        }
    }

    /// The sample: who bought most, and the newest. Of a large group none of whose members is among the shop's best, those
    /// of its first [`ASKED`] members who bought most.
    pub(super) fn drawn(mut self, conn: &mut PgConnection) -> Result<Vec<Uuid>> {
        let most = usize::try_from(MOST_BOUGHT).unwrap_or_default();
        let mut ids: Vec<Uuid> = if self.count > ASKED && self.met.len() >= most {
            self.met.sort_unstable();
            self.met.iter().take(most).map(|(_, id)| *id).collect()
        } else {
            customer_purchases::table
                .filter(customer_purchases::customer_id.eq_any(&self.first))
                .order((customer_purchases::net.desc(), customer_purchases::customer_id.desc()))
                .select(customer_purchases::customer_id)
                .limit(MOST_BOUGHT)
                .load(conn)?
        };
        ids.extend(self.newest.into_iter().map(|Reverse(id)| id));
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }
}
