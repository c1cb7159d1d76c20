//! `/admin/reports/…`: shapes and refusals.

use super::troubled;
use crate::support::{TestApp, rows};
use clientele::auth::role::Role;
use serde_json::{Value, json};

#[test]
fn a_report_has_its_shape_and_nulls_where_nothing_divides() {
    let app = troubled();
    let api = app.api(Role::Viewer);
    let empty = rows::group_id(&app.db, "EMPTY");
    let answer = api.get(&format!("/admin/reports/groups/{empty}"));
    assert_eq!(answer.status, 200);
    let metrics = &answer.json["metrics"];
    assert_eq!(metrics["revenue"], json!("0.00"));
    for none in
        ["averageOrderValue", "orderFrequency", "customerLifetimeValue", "retentionRate", "discountRate", "netMargin"]
    {
        assert_eq!(metrics[none], Value::Null, "{none}");
    }
    assert_eq!(answer.json["trend"].as_array().unwrap().len(), 13, "the months that the last 12 months touch");
    let returns = rows::group_id(&app.db, "RETURNS");
    let metrics = &api.get(&format!("/admin/reports/groups/{returns}")).json["metrics"];
    assert_eq!(metrics["revenue"], json!("-7.00"));
    assert_eq!((&metrics["netMargin"], &metrics["discountRate"]), (&Value::Null, &Value::Null));
}

#[test]
fn what_cannot_be_reported_is_refused_at_its_field() {
    let app = TestApp::demo();
    let api = app.api(Role::Viewer);
    let vip = rows::group_id(&app.db, "VIP");
    for (query, field) in [
        ("from=2026-03-01&to=2026-02-01", "to"),
        ("from=2026-12-01&to=2026-12-31", "from"),
        ("from=2026-11-01&to=2026-12-31", "to"),
        ("from=tomorrow", "from"),
        ("from=1800-01-01&to=1800-02-01", "from"),
        ("from=1990-01-01&to=2026-01-01", "from"),
        ("subgroups=some", "subgroups"),
        ("period=forever", "period"),
    ] {
        let answer = api.get(&format!("/admin/reports/groups/{vip}?{query}"));
        assert_eq!(
            (answer.status, &answer.json["errors"][0]["field"]),
            (422, &json!(field)),
            "{query}: {}",
            answer.json
        );
    }
    rows::run(&app.db, "UPDATE groups SET deleted_at = now() WHERE code = 'NEW'");
    let deleted = rows::group_id(&app.db, "NEW");
    for id in [deleted.to_string(), uuid::Uuid::now_v7().to_string(), "VIP".into()] {
        assert_eq!(api.get(&format!("/admin/reports/groups/{id}")).status, 404, "{id}");
    }
}
