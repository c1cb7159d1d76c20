//! Many at once: the same customers added by two, moved in bulk, deleted meanwhile.

use super::{assert_counts, by, editor, now, typed};
use crate::support::TestDb;
use crate::support::rows;
use clientele::error::Error;
use clientele::members::actions;
use clientele::members::choice::{Afterwards, Mode};
use clientele::members::selection::Selection;
use clientele::members::store::{plan, wish::Wish, write};
use diesel::{Connection, RunQueryDsl};
use std::sync::Barrier;
use uuid::Uuid;

const CUSTOMERS: usize = 60;
const ROUNDS: usize = 6;

/// Does it again where PostgreSQL ended one of two that waited for each other: that is what a person is told to do.
fn insist<T>(what: impl Fn() -> Result<T, Error>) -> T {
    for _ in 0..50 {
        match what() {
            Err(Error::Busy) => {}
            done => return done.unwrap(),
        }
    }
    panic!("it never came to an end")
}

#[test]
fn nothing_is_lost_or_doubled_whatever_comes_together() {
    let db = TestDb::new();
    let groups = ["A", "B", "C"].map(|code| typed(&db, code, "hybrid"));
    let [a, b, c] = groups;
    let customers: Vec<Uuid> = (0..CUSTOMERS).map(|n| rows::customer(&db, &format!("C{n:02}"))).collect();
    let doomed: Vec<Uuid> = (0..ROUNDS).map(|n| rows::customer(&db, &format!("X{n}"))).collect();
    let everyone: Vec<Uuid> = customers.iter().chain(&doomed).copied().collect();
    let start = Barrier::new(5);
    std::thread::scope(|scope| {
        // Two people add the same customers, one the other way round.
        for reversed in [false, true] {
            let (db, start, everyone) = (&db, &start, &everyone);
            scope.spawn(move || {
                let ids: Vec<Uuid> = if reversed { everyone.iter().rev().copied().collect() } else { everyone.clone() };
                start.wait();
                for round in 0..ROUNDS {
                    let group = groups[round % 3];
                    insist(|| {
                        by(db, &editor(), now(), |conn, asked| {
                            actions::add(conn, asked, group, &Selection::ids(ids.clone()), Mode::Only)
                        })
                    });
                }
            });
        }
        // Somebody moves half of them about.
        scope.spawn(|| {
            start.wait();
            for round in 0..ROUNDS {
                let (from, to) = if round % 2 == 0 { (a, b) } else { (b, c) };
                let half = Selection::ids(customers.iter().step_by(2).copied());
                insist(|| {
                    by(&db, &editor(), now(), |conn, asked| {
                        actions::remove(conn, asked, from, &half, Afterwards::Join(to))
                    })
                });
            }
        });
        // A rule run puts the others in and out again.
        scope.spawn(|| {
            start.wait();
            for round in 0..ROUNDS {
                insist(|| {
                    db.conn().transaction(|conn| {
                        plan::begin(conn)?;
                        let wishes: Vec<Wish> = customers
                            .iter()
                            .skip(1)
                            .step_by(2)
                            .map(|id| Wish::of(c, *id).by_rule(round % 2 == 0))
                            .collect();
                        plan::wish(conn, &wishes)?;
                        let counts = plan::make(conn)?;
                        write::write(conn, &write::Change::by(&editor(), Uuid::now_v7(), "", now()), &counts)
                    })
                });
            }
        });
        // And customers are deleted.
        scope.spawn(|| {
            start.wait();
            for customer in &doomed {
                let delete = format!("DELETE FROM customers WHERE id = '{customer}'");
                insist(|| diesel::sql_query(&delete).execute(&mut db.conn()).map_err(Error::from));
            }
        });
    });
    assert_counts(&db);
    // History and state agree: whoever is in a group joined once more often than they left, all others as often.
    let wrong = rows::texts(
        &db,
        "SELECT concat_ws(' ', c.code, g.code) FROM customers c CROSS JOIN groups g
         LEFT JOIN memberships m ON m.customer_id = c.id AND m.group_id = g.id
         WHERE (SELECT count(*) FILTER (WHERE kind = 'joined') - count(*) FILTER (WHERE kind = 'left') FROM membership_events e
                WHERE e.customer_id = c.id AND e.group_id = g.id) <> CASE WHEN m.group_id IS NULL THEN 0 ELSE 1 END",
    );
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(rows::number(&db, "SELECT count(*) FROM customers"), CUSTOMERS as i64);
    // Who was only ever added is in; who was removed from a hybrid group by hand isn't, and is excluded.
    let both = "SELECT count(*) FROM memberships m JOIN membership_exclusions e USING (group_id, customer_id)";
    assert_eq!(rows::number(&db, both), 0, "nobody is a member and excluded");
}
