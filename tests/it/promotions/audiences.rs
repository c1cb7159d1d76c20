//! Who is reached as a set agrees with what is decided about one customer at a time.

use super::{Groups, member};
use crate::support::{TestApp, rows};
use clientele::auth::role::Role;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Customers in every kind of standing.
fn people(app: &TestApp, groups: &Groups) -> Vec<(String, Uuid)> {
    let org = |code: &str, group| rows::organization(&app.db, code, group);
    let rest = rows::group(&app.db, "REST", "Resting", Some(groups.vip));
    let below = rows::group(&app.db, "BELOW", "Below the resting one", Some(rest));
    rows::run(&app.db, "UPDATE groups SET status = 'inactive' WHERE code = 'REST'");
    let (vip_org, none_org, resting_org) =
        (org("O-VIP", Some(groups.vip)), org("O-NONE", None), org("O-REST", Some(rest)));
    let mut people = vec![
        ("NOBODY".to_owned(), rows::customer(&app.db, "NOBODY")),
        ("VIP".to_owned(), member(app, "VIP", groups.vip)),
        ("PLATINUM".to_owned(), member(app, "PLATINUM", groups.platinum)),
        ("GOLD".to_owned(), member(app, "GOLD", groups.gold)),
        ("RESTING".to_owned(), member(app, "RESTING", rest)),
        ("BELOW".to_owned(), member(app, "BELOW", below)),
    ];
    for (code, organization) in [("ORG-GOLD", vip_org), ("ORG-NONE-GOLD", none_org), ("ORG-REST-GOLD", resting_org)] {
        let id = member(app, code, groups.gold);
        rows::run(&app.db, &format!("UPDATE customers SET organization_id = '{organization}' WHERE id = '{id}'"));
        people.push((code.to_owned(), id));
    }
    let both = member(app, "BOTH", groups.gold);
    rows::member(&app.db, groups.platinum, both, "2025-02-01", rows::By::Rule, false);
    people.push(("BOTH".to_owned(), both));
    rows::run(&app.db, "UPDATE customers SET country = CASE WHEN code LIKE '%O%' THEN 'DE' ELSE 'FR' END");
    people
}

/// The customers to whom the API gives a promotion.
fn eligible(app: &TestApp, people: &[(String, Uuid)], promotion: &str) -> BTreeSet<String> {
    let api = app.api(Role::Viewer);
    let has = |id: &Uuid| {
        let answer = api.get(&format!("/store/customers/{id}/promotions"));
        assert_eq!(answer.status, 200, "{}", answer.json);
        let items: Vec<Value> = answer.json["items"].as_array().unwrap().clone();
        items.iter().any(|item| item["code"] == json!(promotion))
    };
    people.iter().filter(|(_, id)| has(id)).map(|(code, _)| code.clone()).collect()
}

/// The customers whom a page counts and names.
fn shown(app: &TestApp, path: &str) -> BTreeSet<String> {
    let page = app.sign_in(Role::Viewer).get(path);
    let rows = crate::support::html::rows(&page.body);
    let codes: BTreeSet<String> =
        rows.iter().map(|row| row[0].split(' ').next().unwrap().to_owned()).filter(|code| code != "A-1").collect();
    let word = if codes.len() == 1 { "customer" } else { "customers" };
    let counted = codes.is_empty() || page.text().contains(&format!("{} {word}", codes.len()));
    assert!(counted, "{codes:?}: {}", page.text());
    codes
}

fn set(codes: &[&str]) -> BTreeSet<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

#[test]
fn a_promotion_reaches_as_a_set_whom_it_is_for_one_by_one() {
    let app = TestApp::new();
    let groups = Groups::new(&app);
    let people = people(&app, &groups);
    let api = app.api(Role::Editor);
    let id = rows::promotion(&app.db, "SALE");
    let path = format!("/admin/promotions/{id}");
    let page = format!("/promotions/{id}?part=reach");
    let everyone: BTreeSet<String> = people.iter().map(|(code, _)| code.clone()).collect();
    let vips = ["VIP", "PLATINUM", "ORG-GOLD", "BOTH"];
    for (groups_in, groups_not_in, expected) in [
        (&[][..], &[][..], everyone.clone()),
        (&[], &["VIP"], everyone.difference(&set(&vips)).cloned().collect()),
        (&["VIP"], &[], set(&vips)),
        (&["VIP"], &["PLATINUM"], set(&["VIP", "ORG-GOLD"])),
        (&["GOLD"], &[], set(&["GOLD", "ORG-NONE-GOLD", "ORG-REST-GOLD", "BOTH"])),
        (&["REST"], &[], set(&[])),
        (&["BELOW"], &[], set(&["BELOW"])),
        (&["ALL"], &[], set(&["VIP", "PLATINUM", "ORG-GOLD", "BOTH", "GOLD", "ORG-NONE-GOLD", "ORG-REST-GOLD"])),
        (&[], &[], set(&[])),
    ] {
        let changed = api.patch(&path, &json!({"groupsIn": groups_in, "groupsNotIn": groups_not_in}));
        assert_eq!(changed.status, 200, "{}", changed.json);
        assert_eq!(shown(&app, &page), expected, "as a set: {groups_in:?} not {groups_not_in:?}");
        assert_eq!(eligible(&app, &people, "SALE"), expected, "one by one: {groups_in:?} not {groups_not_in:?}");
    }
}

#[test]
fn segments_of_running_campaigns_narrow_it() {
    let app = TestApp::new();
    let groups = Groups::new(&app);
    let people = people(&app, &groups);
    let api = app.api(Role::Editor);
    let id = rows::promotion(&app.db, "SALE");
    let page = format!("/promotions/{id}?part=reach");
    let germans = json!({"match": "all", "of": [{"field": "country", "op": "eq", "value": "DE"}]});
    let segment = api.post("/admin/segments", &json!({"name": "German VIPs", "groupsIn": ["VIP"], "rule": germans}));
    let who = format!("{}?part=who", segment.header("location").replace("/admin", ""));
    let in_it = set(&["ORG-GOLD", "BOTH"]);
    assert_eq!(shown(&app, &who), in_it);
    let other =
        api.post("/admin/segments", &json!({"name": "Not in VIP", "groupsNotIn": ["VIP", "GOLD"], "rule": germans}));
    assert_eq!(other.status, 201, "{}", other.json);
    let campaign = json!({"code": "SPRING", "name": "Spring", "segments": ["German VIPs"], "promotions": ["SALE"]});
    let made = api.post("/admin/campaigns", &campaign);
    assert_eq!(shown(&app, &page), in_it);
    assert_eq!(eligible(&app, &people, "SALE"), in_it);
    let both = json!({"segments": ["German VIPs", "Not in VIP"]});
    assert_eq!(api.patch(made.header("location"), &both).status, 200);
    let in_one = set(&["ORG-GOLD", "BOTH", "NOBODY", "BELOW"]);
    assert_eq!((shown(&app, &page), eligible(&app, &people, "SALE")), (in_one.clone(), in_one));
    // None runs: whom it would reach is shown, and nobody has it.
    assert_eq!(api.patch(made.header("location"), &json!({"validTo": "2026-03-09"})).status, 200);
    assert!(app.sign_in(Role::Viewer).get(&page).text().contains("None of its campaigns runs today."));
    assert_eq!(eligible(&app, &people, "SALE"), set(&[]));
    // On a day when it did: memberships and segments are today's.
    let api = app.api(Role::Viewer);
    let (_, both) = people.iter().find(|(code, _)| code == "BOTH").unwrap();
    let items = api.get(&format!("/store/customers/{both}/promotions?at=2026-03-09")).json["items"].clone();
    assert_eq!(items[0]["code"], json!("SALE"));
}
