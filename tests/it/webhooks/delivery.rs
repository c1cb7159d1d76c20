//! On the way: signed, tried again, given up, replayed, and never twice at a time.

use super::receiver::{Received, Receiver, Reply};
use super::{Node, admin, deliveries, listening, noon, webhook};
use crate::support::{Program, TestDb, data_folder, process, rows};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use clientele::outbox::kind::{Happened, Kind};
use clientele::outbox::store::{self as outbox, By};
use clientele::webhooks::actions;
use clientele::webhooks::address::Networks;
use clientele::webhooks::sending::Sender;
use clientele::webhooks::store::queue;
use diesel::Connection;
use rustix::process::Signal;
use sha2::{Digest, Sha256};
use std::time::Duration;
use uuid::Uuid;

const MADE: &[&str] = &["group.created"];

/// Something happens: a group, as it were, is made.
fn happen(db: &TestDb) {
    happen_at(db, noon());
}

fn happen_at(db: &TestDb, now: DateTime<Utc>) {
    let by = By { now, kind: "user", id: None, name: "Ann Lee" };
    let happened = Happened { kind: Kind::GroupCreated, subject: Uuid::now_v7(), changed: Vec::new(), last: None };
    db.conn().transaction(|conn| outbox::tell(conn, &by, &[happened])).unwrap();
}

/// An HMAC-SHA-256 by its definition (RFC 2104), apart from the program's.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0u8; 64];
    block[..key.len()].copy_from_slice(key);
    let padded = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha256::digest([&padded(0x36)[..], text].concat());
    Sha256::digest([&padded(0x5c)[..], &inner[..]].concat()).to_vec()
}

/// Whether a request is signed with a secret, as the convention says.
fn is_signed(request: &Received, secret: &str) -> bool {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let (id, at) = (request.header("webhook-id"), request.header("webhook-timestamp"));
    let signature = STANDARD.encode(hmac(&key, format!("{id}.{at}.{}", request.body).as_bytes()));
    request.header("webhook-signature").split(' ').any(|one| one == format!("v1,{signature}"))
}

#[test]
fn an_event_arrives_signed() {
    let db = TestDb::new();
    let (receiver, _, secret) = listening(&db, MADE);
    happen(&db);
    let node = Node::on(&db);
    assert!(node.step());
    assert!(!node.step(), "it is sent once");
    let [request] = &receiver.received()[..] else { panic!("{:?}", receiver.received()) };
    assert_eq!(request.target, "/hooks?shop=1");
    assert_eq!(request.header("content-type"), "application/json");
    assert!(request.header("user-agent").starts_with("Clientele/"), "{request:?}");
    assert_eq!(request.header("webhook-timestamp"), noon().timestamp().to_string());
    assert!(is_signed(request, &secret), "{request:?}");
    assert!(!is_signed(&Received { body: request.body.replace("Ann", "Eve"), ..request.clone() }, &secret));
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    let event = rows::id(&db, "SELECT id FROM outbox_events").to_string();
    assert_eq!(body["id"], event.as_str());
    assert_eq!(request.header("webhook-id"), event);
    assert_eq!(body["type"], "group.created");
    assert_eq!(body["occurredAt"], "2026-03-10T12:00:00Z");
    assert_eq!(body["actor"]["name"], "Ann Lee");
    assert_eq!(deliveries(&db), ["delivered 1 204"]);
}

#[test]
fn a_new_secret_signs_beside_the_old_one_for_a_day() {
    let db = TestDb::new();
    let (receiver, id, old) = listening(&db, MADE);
    let node = Node::on(&db);
    let replaced = db.conn().transaction(|conn| actions::replace_secret(conn, &admin(), id, noon())).unwrap();
    let new = replaced.1.reveal();
    let signed = || {
        happen(&db);
        node.deliver();
        let request = receiver.received().pop().unwrap();
        (is_signed(&request, &old), is_signed(&request, &new))
    };
    assert_eq!(signed(), (true, true));
    node.clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    assert_eq!(signed(), (true, true));
    node.clock.advance(TimeDelta::seconds(1));
    assert_eq!(signed(), (false, true));
}

#[test]
fn what_fails_is_tried_again_until_it_arrives() {
    let db = TestDb::new();
    let (receiver, ..) = listening(&db, MADE);
    happen(&db);
    let node = Node { sender: Sender::new(Networks::All, Duration::from_millis(300)), ..Node::on(&db) };
    receiver.reply([
        Reply::Status(500, "", "out of order"),
        Reply::Never,
        Reply::Hangup,
        Reply::Status(302, "Location: http://127.0.0.1:1/\r\n", ""),
        Reply::Endless(500),
        Reply::Endless(200),
    ]);
    let waits = [10, 60, 5 * 60, 30 * 60, 2 * 3600];
    for (place, seconds) in waits.into_iter().enumerate() {
        assert_eq!(node.deliver(), 1, "attempt {place}");
        node.clock.advance(TimeDelta::seconds(seconds - 1));
        assert_eq!(node.deliver(), 0, "too early after {place}");
        // Deliveries are spread by up to a fifth.
        node.clock.advance(TimeDelta::seconds(1 + seconds / 5));
    }
    assert_eq!(node.deliver(), 1);
    assert_eq!(deliveries(&db), ["delivered 6 200"]);
    let attempts =
        rows::all(&db, "SELECT status, error, left(answer, 12) AS answer FROM webhook_attempts ORDER BY number");
    let told: Vec<String> = attempts
        .iter()
        .map(|one| format!("{} {} {}", one["status"], one["error"].as_str().unwrap(), one["answer"].as_str().unwrap()))
        .collect();
    assert_eq!(told[0], "500 The receiver answered 500. out of order");
    assert_eq!(told[1], "null The receiver took too long to answer. ");
    assert!(told[2].starts_with("null "), "{}", told[2]);
    assert!(told[3].starts_with("302 The receiver answered 302: it leads elsewhere"), "{}", told[3]);
    assert!(told[4].starts_with("500 ") && told[4].ends_with("xxxxxxxxxxxx"), "{}", told[4]);
    assert_eq!(told[5], "200  xxxxxxxxxxxx");
    let longest = rows::number(&db, "SELECT max(char_length(answer)) FROM webhook_attempts");
    assert_eq!(longest, 1000);
    let bodies: Vec<String> = receiver.received().into_iter().map(|request| request.body).collect();
    assert_eq!(bodies.len(), 6);
    assert!(bodies.iter().all(|body| *body == bodies[0]), "the body stays the same");
}

#[test]
fn what_never_arrives_is_given_up_and_can_be_replayed() {
    let db = TestDb::new();
    let (receiver, id, _) = listening(&db, MADE);
    for _ in 0..3 {
        happen(&db);
    }
    receiver.reply(vec![Reply::Status(503, "", ""); 24]);
    let node = Node::on(&db);
    for round in 1..=8 {
        assert_eq!(node.deliver(), 3, "round {round}");
        node.clock.advance(TimeDelta::hours(15));
    }
    assert_eq!(node.deliver(), 0);
    assert_eq!(deliveries(&db), ["dead 8 503"; 3]);
    let now = node.clock.now();
    let one = rows::id(&db, "SELECT id FROM webhook_deliveries ORDER BY id LIMIT 1");
    db.conn().transaction(|conn| actions::replay(conn, &admin(), id, one, now)).unwrap();
    assert_eq!(deliveries(&db), ["pending 0 503", "dead 8 503", "dead 8 503"]);
    assert!(db.conn().transaction(|conn| actions::replay(conn, &admin(), id, one, now)).is_err(), "it is under way");
    assert_eq!(node.deliver(), 1);
    let replayed = db.conn().transaction(|conn| actions::replay_dead(conn, &admin(), id, now)).unwrap();
    assert_eq!(replayed, 2);
    assert_eq!(node.deliver(), 2);
    assert_eq!(deliveries(&db), ["delivered 1 204"; 3]);
    let numbers =
        rows::column(&db, "SELECT array_agg(number ORDER BY number) FROM webhook_attempts GROUP BY delivery_id");
    assert_eq!(numbers, vec![serde_json::json!([1, 2, 3, 4, 5, 6, 7, 8, 9]); 3]);
    let told = rows::texts(
        &db,
        "SELECT (after ->> 'deliveries') FROM audit_events WHERE action = 'webhook.replayed' ORDER BY id",
    );
    assert_eq!(told, ["1", "2"]);
}

#[test]
fn only_the_last_attempts_are_kept() {
    let db = TestDb::new();
    let (receiver, id, _) = listening(&db, MADE);
    happen(&db);
    let node = Node::on(&db);
    let one = rows::id(&db, "SELECT id FROM webhook_deliveries");
    for _ in 0..25 {
        assert!(node.step());
        db.conn().transaction(|conn| actions::replay(conn, &admin(), id, one, noon())).unwrap();
    }
    assert_eq!(receiver.received().len(), 25);
    let kept =
        rows::all(&db, "SELECT min(number) AS first, max(number) AS last, count(*) AS count FROM webhook_attempts");
    assert_eq!(kept, [serde_json::json!({"first": 6, "last": 25, "count": 20})]);
}

#[test]
fn a_receiver_may_ask_for_time_and_may_be_gone() {
    let db = TestDb::new();
    let (receiver, id, _) = listening(&db, MADE);
    happen(&db);
    let node = Node::on(&db);
    receiver.reply([Reply::Status(429, "Retry-After: 3600\r\n", ""), Reply::Status(410, "", "")]);
    assert_eq!(node.deliver(), 1);
    node.clock.advance(TimeDelta::minutes(59));
    assert_eq!(node.deliver(), 0);
    node.clock.advance(TimeDelta::minutes(1));
    happen_at(&db, node.clock.now());
    assert_eq!(node.deliver(), 1, "the second one stays where it is");
    assert_eq!(deliveries(&db), ["dead 2 410", "pending 0"]);
    let paused = rows::all(&db, "SELECT active, paused_because FROM webhook_endpoints");
    assert_eq!(paused[0]["active"], false);
    assert!(paused[0]["paused_because"].as_str().unwrap().contains("410"), "{paused:?}");
    let told = rows::all(&db, "SELECT actor_kind, after FROM audit_events WHERE action = 'webhook.changed'");
    assert_eq!(told, [serde_json::json!({"actor_kind": "system", "after": {"active": false}})]);
    happen(&db);
    assert_eq!(deliveries(&db).len(), 2, "nothing is queued for it");
    db.conn().transaction(|conn| actions::set_active(conn, &admin(), id, true, node.clock.now())).unwrap();
    assert_eq!(node.deliver(), 1);
    assert_eq!(deliveries(&db), ["dead 2 410", "delivered 1 204"]);
}

#[test]
fn a_paused_webhook_gets_tests_only() {
    let db = TestDb::new();
    let (receiver, id, secret) = listening(&db, MADE);
    happen(&db);
    db.conn().transaction(|conn| actions::set_active(conn, &admin(), id, false, noon())).unwrap();
    let node = Node::on(&db);
    db.conn().transaction(|conn| actions::send_test(conn, &admin(), id, noon())).unwrap();
    assert_eq!(node.deliver(), 1);
    let [request] = &receiver.received()[..] else { panic!("{:?}", receiver.received()) };
    assert!(request.body.contains(r#""type":"webhook.test""#), "{}", request.body);
    assert!(is_signed(request, &secret));
}

#[test]
fn what_a_killed_node_had_taken_is_taken_again_when_its_lease_is_over() {
    let db = TestDb::new();
    let (receiver, ..) = listening(&db, MADE);
    happen(&db);
    let node = Node::on(&db);
    // It takes the delivery, and is never heard of again.
    let taken = queue::take(&mut db.conn(), noon()).unwrap().unwrap();
    assert!(!node.step());
    node.clock.advance(queue::LEASE - TimeDelta::seconds(1));
    assert!(!node.step());
    node.clock.advance(TimeDelta::seconds(1));
    assert!(node.step());
    assert_eq!(receiver.received().len(), 1);
    assert_eq!(deliveries(&db), ["delivered 1 204"]);
    // It was only slow: what it has to tell counts no more.
    let late = clientele::webhooks::retries::Answer::default();
    let verdict = clientele::webhooks::retries::Verdict::Dead;
    assert!(!queue::settle(&mut db.conn(), &taken, &late, verdict, noon()).unwrap());
    assert_eq!(deliveries(&db), ["delivered 1 204"]);
}

#[test]
fn nodes_share_the_work_and_none_does_it_twice() {
    let db = TestDb::new();
    let receivers: Vec<Receiver> = (0..3).map(|_| Receiver::new()).collect();
    for receiver in &receivers {
        webhook(&db, &receiver.url(), MADE);
    }
    for _ in 0..20 {
        happen(&db);
    }
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let node = Node::on(&db);
                // While the others have all that a webhook may have at a time, there is nothing to take.
                while rows::number(&db, "SELECT count(*) FROM webhook_deliveries WHERE state = 'pending'") > 0 {
                    node.deliver();
                }
            });
        }
    });
    for receiver in &receivers {
        let mut ids: Vec<String> =
            receiver.received().iter().map(|request| request.header("webhook-id").to_owned()).collect();
        assert_eq!(ids.len(), 20);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 20, "an event came twice");
    }
    assert_eq!(deliveries(&db), ["delivered 1 204"; 60]);
}

#[test]
fn a_slow_receiver_keeps_nobody_else_waiting() {
    let db = TestDb::new();
    let (_slow, slow, _) = listening(&db, MADE);
    let (_quick, quick, _) = listening(&db, MADE);
    for _ in 0..10 {
        happen(&db);
    }
    let taken: Vec<Uuid> =
        std::iter::from_fn(|| queue::take(&mut db.conn(), noon()).unwrap()).map(|taken| taken.endpoint).collect();
    let of = |endpoint| taken.iter().filter(|id| **id == endpoint).count();
    assert_eq!((of(slow), of(quick)), (3, 3));
}

#[test]
fn private_networks_are_not_called() {
    let db = TestDb::new();
    let receiver = Receiver::new();
    let name = format!("http://localhost:{}/", receiver.port());
    for url in [receiver.url(), name] {
        webhook(&db, &url, MADE);
    }
    happen(&db);
    let node = Node { sender: Sender::new(Networks::Public, Duration::from_secs(10)), ..Node::on(&db) };
    assert_eq!(node.deliver(), 2);
    assert_eq!(receiver.received().len(), 0);
    let errors = rows::texts(&db, "SELECT last_error FROM webhook_deliveries");
    assert_eq!(errors, ["The address lies in a private network, where nothing is sent to."; 2]);
    assert_eq!(deliveries(&db), ["retrying 1"; 2]);
}

#[test]
fn serve_delivers_by_itself_and_tells_its_log_no_secret() {
    let db = TestDb::new();
    let (receiver, _, secret) = listening(&db, MADE);
    happen_at(&db, Utc::now());
    let folder = data_folder();
    let mut command = Program::command(folder.path());
    command
        .arg("serve")
        .env("DATABASE_URL", db.url())
        .env("WEBHOOKS_PRIVATE_NETWORKS", "1")
        .env("LOG", "debug,ureq=trace");
    let program = Program::started(&mut command);
    process::eventually(|| deliveries(&db) == ["delivered 1 204"]);
    let (status, said) = program.end(Signal::TERM);
    assert!(status.success(), "{said}");
    assert!(is_signed(&receiver.received()[0], &secret));
    assert!(said.contains("a webhook was called"), "{said}");
    assert!(!said.contains(secret.strip_prefix("whsec_").unwrap()), "the log has the secret");
}

#[test]
fn what_is_old_is_forgotten() {
    let db = TestDb::new();
    let (receiver, ..) = listening(&db, MADE);
    receiver.reply([Reply::Status(204, "", ""), Reply::Status(410, "", "")]);
    let node = Node::on(&db);
    for _ in 0..2 {
        happen(&db);
        node.deliver();
    }
    let tidy = |delivered: i64, dead: i64| {
        let ago = |days| noon() + TimeDelta::days(1) - TimeDelta::days(days);
        outbox::tidy(&mut db.conn(), ago(delivered), ago(dead)).unwrap();
        (deliveries(&db), rows::number(&db, "SELECT count(*) FROM outbox_events"))
    };
    assert_eq!(tidy(30, 90), (vec!["delivered 1 204".into(), "dead 1 410".into()], 2));
    assert_eq!(tidy(0, 90), (vec!["dead 1 410".into()], 1));
    assert_eq!(tidy(0, 0), (vec![], 0));
    assert_eq!(rows::number(&db, "SELECT count(*) FROM webhook_attempts"), 0);
}
