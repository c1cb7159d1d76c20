//! Questions that are asked at the same moment (docs/adr/0028).

use crate::support::rows;
use crate::support::{TestApp, TestDb};
use actix_web::rt::System;
use clientele::auth::role::Role;
use clientele::db::Db;
use clientele::db::together::Together;
use clientele::error::{Error, Result};
use diesel::PgConnection;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

fn pool(database: &TestDb) -> Db {
    Db::connect(&database.url(), 4, Duration::from_secs(10)).unwrap()
}

/// Looks up what it is asked, and says how many there were each time.
fn doubled(told: Sender<usize>) -> impl Fn(&mut PgConnection, &[u32]) -> Result<Vec<u32>> + Send + Sync {
    let told = Mutex::new(told);
    move |_, asked| {
        told.lock().unwrap().send(asked.len()).unwrap();
        match asked.contains(&13) {
            true => Err(Error::internal("the lookup failed")),
            false => Ok(asked.iter().map(|number| number * 2).collect()),
        }
    }
}

#[test]
fn everybody_gets_the_answer_to_its_own_question() {
    let database = TestDb::new();
    let (db, (told, sizes)) = (pool(&database), mpsc::channel());
    let together = Together::new(doubled(told));
    let answers = System::new().block_on(async {
        join_all((0..100).map(|number| {
            let (together, db) = (together.clone(), db.clone());
            async move { (number, together.ask(&db, number + 100).await.unwrap()) }
        }))
        .await
    });
    assert_eq!(answers, (0..100).map(|number| (number, (number + 100) * 2)).collect::<Vec<_>>());
    let sizes: Vec<usize> = sizes.try_iter().collect();
    assert_eq!(sizes.iter().sum::<usize>(), 100);
    assert!(sizes.iter().all(|size| *size <= 32), "{sizes:?}");
    // All hundred ask before the first is answered: this thread does both.
    assert!(sizes.len() < 100, "{sizes:?}");
}

#[test]
fn a_fault_is_told_and_nobody_waits_for_ever() {
    let database = TestDb::new();
    let (db, (told, _sizes)) = (pool(&database), mpsc::channel());
    let together = Together::new(doubled(told));
    System::new().block_on(async {
        let ask = |number: u32| {
            let (together, db) = (together.clone(), db.clone());
            async move { together.ask(&db, number).await }
        };
        assert!(matches!(ask(13).await, Err(Error::Internal(_))));
        assert_eq!(ask(4).await.unwrap(), 8);
        let all = join_all((0..40).map(ask)).await;
        assert!(matches!(all[13], Err(Error::Internal(_))));
        assert!(all.iter().all(|answer| matches!(answer, Ok(_) | Err(Error::Internal(_) | Error::Busy))));
    });
}

#[test]
fn where_no_connection_is_free_it_is_said() {
    let database = TestDb::new();
    let db = Db::connect(&database.url(), 1, Duration::from_millis(200)).unwrap();
    let (told, _sizes) = mpsc::channel();
    let together = Together::new(doubled(told));
    let taken = db.connection().unwrap();
    System::new().block_on(async {
        assert!(matches!(together.ask(&db, 1).await, Err(Error::Busy)));
        drop(taken);
        assert_eq!(together.ask(&db, 1).await.unwrap(), 2);
    });
}

#[test]
fn a_lookup_that_panics_stops_nobody_else() {
    let database = TestDb::new();
    let db = pool(&database);
    let calls = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&calls);
    let together = Together::new(move |_: &mut PgConnection, asked: &[u32]| {
        assert!(seen.fetch_add(1, Ordering::SeqCst) > 0, "the first lookup panics");
        Ok(asked.to_vec())
    });
    System::new().block_on(async {
        assert!(matches!(together.ask(&db, 1).await, Err(Error::Busy)));
        assert_eq!(together.ask(&db, 7).await.unwrap(), 7);
    });
}

/// Customers of all groups ask for many products, one after the other and all at once.
#[test]
fn prices_asked_at_once_are_those_asked_alone() {
    let app = TestApp::demo();
    let customers = rows::texts(
        &app.db,
        "SELECT DISTINCT ON (m.group_id, n) m.customer_id::text
         FROM (SELECT *, row_number() OVER (PARTITION BY group_id ORDER BY customer_id) AS n FROM memberships) m
         WHERE n <= 2",
    );
    let skus = rows::texts(&app.db, "SELECT sku FROM products ORDER BY sku LIMIT 40");
    assert!(customers.len() >= 10 && skus.len() == 40);
    let questions: Vec<Value> = customers
        .iter()
        .map(|id| json!(id))
        .chain([Value::Null, json!("00000000-0000-7000-8000-000000000000")])
        .enumerate()
        .map(|(at, customer)| {
            let items = (0..4).map(|i| json!({"sku": skus[(at * 3 + i) % skus.len()], "quantity": 1 + i * 5}));
            json!({"customerId": customer, "items": items.collect::<Vec<_>>(), "explain": true})
        })
        .collect();
    let api = app.api(Role::Viewer);
    let ask = |question: &Value| {
        let answer = api.post("/store/prices", question);
        (answer.status, answer.json)
    };
    let alone: Vec<_> = questions.iter().map(ask).collect();
    assert!(alone.iter().filter(|(status, _)| *status == 200).count() > customers.len());
    thread::scope(|scope| {
        let threads: Vec<_> = (0..6)
            .map(|shift| {
                let (questions, alone, ask) = (&questions, &alone, &ask);
                scope.spawn(move || {
                    for at in 0..questions.len() {
                        let at = (at + shift * 5) % questions.len();
                        assert_eq!(ask(&questions[at]), alone[at], "{}", questions[at]);
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn groups_asked_at_once_are_those_asked_alone_and_each_token_counts_for_itself() {
    let app = TestApp::demo();
    let ids = rows::texts(&app.db, "SELECT id::text FROM groups ORDER BY code");
    let (viewer, editor, revoked) = (app.api(Role::Viewer), app.api(Role::Editor), app.api(Role::Admin));
    let body = |id: &String| viewer.get(&format!("/admin/pricing/customer-groups/{id}")).json;
    let alone: Vec<Value> = ids.iter().map(body).collect();
    assert!(alone.iter().any(|group| group["priceLists"].as_array().is_some_and(|lists| !lists.is_empty())));
    let revoke = "UPDATE tokens SET revoked_at = now() WHERE role = 'admin'";
    rows::run(&app.db, revoke);
    let callers = [(&viewer, 200), (&editor, 200), (&revoked, 401), (&viewer, 200)];
    thread::scope(|scope| {
        for (shift, (api, status)) in callers.into_iter().enumerate() {
            let (ids, alone) = (&ids, &alone);
            scope.spawn(move || {
                for at in 0..ids.len() {
                    let at = (at + shift * 3) % ids.len();
                    let answer = api.get(&format!("/admin/pricing/customer-groups/{}", ids[at]));
                    assert_eq!(answer.status, status);
                    if answer.status == 200 {
                        assert_eq!(answer.json, alone[at]);
                    }
                }
                let nobody = api.get("/admin/pricing/customer-groups/00000000-0000-7000-8000-000000000000");
                assert_eq!(nobody.status, if status == 200 { 404 } else { 401 });
            });
        }
    });
}
