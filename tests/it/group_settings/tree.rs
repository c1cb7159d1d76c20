//! The hierarchy: branches, counts, moving with the impact shown.

use super::shop;
use crate::support::{TestApp, rows};
use clientele::auth::role::Role;
use clientele::groups::group::ROOT_ID;
use serde_json::json;

#[test]
fn the_tree_shows_counts_and_what_groups_say_themselves() {
    let app = TestApp::new();
    let (vip, platinum) = shop(&app);
    let viewer = app.sign_in(Role::Viewer);
    let closed = viewer.get("/hierarchy").text();
    assert!(
        closed.contains("All Customers") && closed.contains("VIP Customers VIP Pricing Payment options"),
        "{closed}"
    );
    assert!(!closed.contains("VIP Platinum"), "the branch isn't open: {closed}");
    let open = viewer.get(&format!("/hierarchy?open={vip}&counts=1")).text();
    assert!(open.contains("0 own members / 1 with subgroups"), "{open}");
    assert!(open.contains("VIP Platinum PLATINUM 1 own members"), "{open}");
    assert!(!open.contains("Move to"), "a viewer doesn't shape the tree");
    let branch = viewer.get(&format!("/hierarchy/{vip}"));
    assert!(branch.body.contains(&format!("node-{platinum}")) && !branch.body.contains("<html"));
    let counts = viewer.get(&format!("/hierarchy/{ROOT_ID}/customers")).body;
    assert!(counts.contains(&format!("id=\"customers-{vip}\"")) && counts.contains(">1<"), "{counts}");
    assert_eq!(viewer.get("/hierarchy/nonsense").status, 404);
}

#[test]
fn a_group_is_moved_once_the_impact_was_seen() {
    let app = TestApp::new();
    let (_, platinum) = shop(&app);
    let retail = rows::group(&app.db, "RETAIL", "Retail", None);
    let admin = app.sign_in(Role::Admin);
    let page = admin.get(&format!("/groups/{platinum}/move?parent={retail}"));
    let text = page.text();
    for expected in
        ["stands below VIP Customers now", "Customers affected 1", "$85.00 → $100.00", "from Net 30 to No net terms"]
    {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    let moved = admin.submit(&page.form(&format!("/groups/{platinum}/move")));
    assert_eq!((moved.status, moved.location()), (303, format!("/hierarchy?open={retail}").as_str()));
    let parent =
        rows::all(&app.db, "SELECT p.code FROM groups g JOIN groups p ON p.id = g.parent_id WHERE g.code = 'PLATINUM'");
    assert_eq!(parent, [json!({"code": "RETAIL"})]);
}

#[test]
fn without_a_look_at_the_impact_nothing_moves() {
    let app = TestApp::new();
    let (vip, platinum) = shop(&app);
    let admin = app.sign_in(Role::Admin);
    let form = || admin.get(&format!("/groups/{platinum}/move")).form(&format!("/groups/{platinum}/move"));
    let review = admin.submit(&form().fill("parent_text", ""));
    assert_eq!(review.status, 200);
    assert!(review.text().contains("Customers affected 1"), "{}", review.text());
    let unknown = admin.submit(&form().fill("parent_text", "Nobody"));
    assert_eq!(unknown.status, 422);
    // Below itself, or below its own subgroup.
    let circle = admin.get(&format!("/groups/{vip}/move")).form(&format!("/groups/{vip}/move"));
    let refused = admin.submit(&circle.fill("parent_text", "VIP Platinum"));
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("can't stand below itself"), "{}", refused.text());
    let editor = app.sign_in(Role::Editor);
    assert_eq!(editor.get(&format!("/groups/{platinum}/move")).status, 403);
    assert_eq!(admin.get(&format!("/groups/{ROOT_ID}/move")).status, 409);
}
