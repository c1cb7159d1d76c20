//! The rate limit: off unless it is set; over it, a problem that says when to come again.

use crate::support::{Api, RedisServer, TestApp, TestDb};
use chrono::{Duration, TimeZone, Utc};
use clientele::auth::role::Role;
use std::num::NonZeroU32;

const GROUPS: &str = "/admin/pricing/customer-groups";

#[test]
fn too_many_calls_of_a_token_wait_and_those_of_others_do_not() {
    let now = Utc.with_ymd_and_hms(2026, 3, 10, 12, 0, 0).unwrap();
    let app = TestApp::limited(TestDb::new(), now, NonZeroU32::new(3).unwrap());
    let (one, other) = (app.api(Role::Viewer), app.api(Role::Viewer));
    for _ in 0..3 {
        assert_eq!(one.get(GROUPS).status, 200);
    }
    let refused = one.get(GROUPS);
    assert_eq!((refused.status, refused.header("retry-after")), (429, "20"), "{}", refused.json);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(refused.json["status"], 429);
    assert_eq!(other.get(GROUPS).status, 200, "each token has its own");
    app.clock.advance(Duration::seconds(20));
    assert_eq!((one.get(GROUPS).status, one.get(GROUPS).status), (200, 429));
}

#[test]
fn without_the_setting_there_is_no_limit() {
    let app = TestApp::new();
    let api = app.api(Role::Viewer);
    assert!((0..50).all(|_| api.get("/admin/segments").status == 200));
}

#[test]
fn with_redis_the_calls_of_all_nodes_count_and_without_it_those_of_each() {
    let mut redis = RedisServer::start();
    let three = NonZeroU32::new(3);
    let first = TestApp::sharing(TestDb::new(), redis.redis(), three);
    let second = TestApp::sharing(first.db.shared(), redis.redis(), three);
    let (one, other) = (first.api(Role::Viewer), first.api(Role::Viewer));
    let there = Api::new(&second.url, one.id, &one.token);
    let statuses = [&one, &there, &one, &there, &one].map(|api| api.get("/admin/segments").status);
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    let refused = there.get("/admin/segments");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&wait), "one more of three a minute after {wait} seconds");
    assert_eq!(other.get("/admin/segments").status, 200, "each token has its own");
    let keys = redis.keys();
    assert_eq!(keys.len(), 2);
    for key in keys {
        let left: i64 = redis.ask("TTL", &key);
        assert!(key.starts_with("pricing:rate:") && (1..=60).contains(&left), "{key}: {left} seconds");
        assert!(!key.contains(&one.token) && !key.contains(&other.token));
    }
    redis.kill();
    for api in [&one, &there] {
        let statuses = [(); 4].map(|()| api.get("/admin/segments").status);
        assert_eq!(statuses, [200, 200, 200, 429], "each node counts by itself");
    }
}

#[test]
fn garbage_in_the_place_of_a_count_is_none() {
    let redis = RedisServer::start();
    let app = TestApp::sharing(TestDb::new(), redis.redis(), NonZeroU32::new(1));
    let api = app.api(Role::Viewer);
    for garbage in ["SET garbage", "SET 99999999999999999999", "LPUSH garbage"] {
        assert_eq!(api.get("/admin/segments").status, 200, "{garbage}");
        assert_eq!(api.get("/admin/segments").status, 429, "{garbage}");
        let key = redis.keys().remove(0);
        let _: i64 = redis.ask("DEL", &key);
        let (name, value) = garbage.split_once(' ').unwrap();
        let _: redis::Value = redis.ask(name, (&key, value));
    }
    assert_eq!(api.get("/admin/segments").status, 200);
}
