//! ETag, If-Match and If-None-Match of groups.

use crate::support::TestApp;
use crate::support::rows;
use clientele::auth::role::Role;
use serde_json::json;

const GROUPS: &str = "/admin/pricing/customer-groups";

#[test]
fn a_change_for_an_old_version_is_refused_and_changes_nothing() {
    let app = TestApp::new();
    let api = app.api(Role::Admin);
    let path = format!("{GROUPS}/{}", rows::group(&app.db, "VIP", "VIP", None));
    let read = api.get(&path);
    let tag = read.header("etag").to_owned();
    assert!(tag.starts_with("\"v1-"), "{tag}");
    let patch = |tag: &str, name: &str| {
        let body = json!({ "name": name }).to_string();
        api.send("PATCH", &path, &[("if-match", tag)], Some(&body))
    };
    let changed = patch(&tag, "One");
    assert_eq!((changed.status, changed.header("etag")), (200, "\"v2\""), "{}", changed.json);
    for stale in [tag.as_str(), "\"v1\"", "W/\"v1\"", "\"other\"", "\"v99\""] {
        let refused = patch(stale, "Two");
        assert_eq!(refused.status, 409, "{stale}: {}", refused.json);
    }
    for malformed in ["v2", "\"v2", "\"v1\", \"v2\"", ""] {
        assert_eq!(patch(malformed, "Two").status, 400, "{malformed}");
    }
    assert_eq!(api.get(&path).json["name"], "One");
    assert_eq!(patch("W/\"v2\"", "Three").status, 200, "a proxy that compresses makes a tag weak");
    assert_eq!(patch("*", "Four").status, 200);
    assert_eq!(api.send("DELETE", &path, &[("if-match", "\"v1\"")], None).status, 409);
    assert_eq!(api.get(&path).status, 200, "it is still there");
    assert_eq!(api.send("DELETE", &path, &[("if-match", api.get(&path).header("etag"))], None).status, 204);
}

#[test]
fn what_the_caller_has_is_not_sent_again_until_it_is_another() {
    let app = TestApp::new();
    let api = app.api(Role::Admin);
    let path = format!("{GROUPS}/{}", rows::group(&app.db, "VIP", "VIP", None));
    let customer = rows::customer(&app.db, "C-1");
    let tag = api.get(&path).header("etag").to_owned();
    let again = |tag: &str| api.send("GET", &path, &[("if-none-match", tag)], None);
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".into()] {
        let same = again(&known);
        assert_eq!((same.status, same.header("etag")), (304, tag.as_str()), "{known}");
        assert!(same.json.is_null());
    }
    assert_eq!(again("\"v1\"").status, 200, "a version alone doesn't say what is in the answer");
    // A member more is no new version of the group, but another answer.
    api.patch(&path, &json!({ "customerIds": [customer] }));
    let other = again(&tag);
    assert_eq!((other.status, &other.json["memberCount"]), (200, &json!(1)));
    let query = format!("{path}?include=customers");
    let with = api.get(&query);
    assert_ne!(with.header("etag"), other.header("etag"), "another answer has another tag");
    let tag = with.header("etag").to_owned();
    assert_eq!(api.send("GET", &query, &[("if-none-match", &tag)], None).status, 304);
    let nobody = crate::support::Api::new(&app.url, uuid::Uuid::nil(), "clt_no");
    assert_eq!(nobody.send("GET", &query, &[("if-none-match", &tag)], None).status, 401, "a tag opens no door");
}
