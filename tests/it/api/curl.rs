//! The example of the documentation works: a shop's VIP group by nothing but curl.

use crate::support::TestApp;
use crate::support::rows;
use clientele::auth::role::Role;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

fn run(app: &TestApp, token: &str) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/api/vip.sh");
    Command::new("sh").arg(script).env("URL", &app.url).env("TOKEN", token).output().expect("sh")
}

#[test]
fn a_vip_group_is_built_and_asked() {
    let app = TestApp::new();
    app.clock.advance(chrono::Duration::days(100));
    let token = app.api(Role::Admin).token;
    let output = run(&app, &token);
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<Value> = told.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let [.., members, ann, bob, report] = &answers[..] else { panic!("{told}") };
    let codes: Vec<&str> =
        members["customers"]["items"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes.len(), 2, "{codes:?}");
    assert!(codes.contains(&"VIP-ANN") && codes.contains(&"VIP-BOB"), "one by hand, one by rule");
    for prices in [ann, bob] {
        assert_eq!(prices["items"][0]["unitPrice"], "80.00", "{prices}");
        assert_eq!(prices["items"][0]["source"]["priceListCode"], "vip-pricing");
    }
    assert_eq!((&report["members"], &report["metrics"]["revenue"]), (&json!(2), &json!("1200.00")), "{report}");
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM groups WHERE name = 'VIP'"), 1);
    let again = run(&app, &token);
    assert!(!again.status.success(), "what is there already is refused");
    assert!(String::from_utf8_lossy(&again.stderr).contains("\"field\":\"sku\""), "{again:?}");
}
