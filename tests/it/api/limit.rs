//! The rate limit: off unless it is set; over it, a problem that says when to come again.

use crate::support::{TestApp, TestDb};
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
