//! Finding something in the audit log, and taking it away as a file.

use super::users::link;
use crate::access::group;
use crate::support::{Page, TestApp, TestDb, form};
use chrono::{DateTime, Duration, Utc};
use clientele::audit::event::{Action, NewEvent};
use clientele::audit::store::record;
use clientele::auth::role::{Actor, Role};
use diesel::prelude::*;
use diesel::sql_types::Text;
use uuid::Uuid;

/// An event of its own name, so that a test sees which ones a page has.
fn event(db: &TestDb, at: &str, actor: &str, action: Action, subject: &str, group: Option<Uuid>) {
    let by = Actor { name: actor.into(), ..Actor::command_line() };
    let mut event = NewEvent::about(action, group, subject, None, None);
    event.group_id = group;
    record(&mut db.conn(), &by, at.parse().unwrap(), &event).unwrap();
}

/// Which of the subjects a page names.
fn shown<'a>(page: &Page, subjects: &[&'a str]) -> Vec<&'a str> {
    assert_eq!(page.status, 200);
    let told = page.text();
    subjects.iter().copied().filter(|subject| told.contains(&format!(" {subject} "))).collect()
}

#[test]
fn filters_show_what_they_say() {
    let app = TestApp::new();
    let viewer = app.sign_in(Role::Viewer);
    let (vip, retail) = (group(&app.db, "VIP").id, group(&app.db, "Retail").id);
    diesel::sql_query("UPDATE store_settings SET time_zone = 'America/New_York'").execute(&mut app.db.conn()).unwrap();
    // Midnight in New York is 5:00 in UTC.
    event(&app.db, "2026-02-01T04:59:59Z", "Ann Lee", Action::GroupChanged, "Alpha", Some(vip));
    event(&app.db, "2026-02-01T05:00:00Z", "Ann Lee", Action::GroupMoved, "Beta", Some(vip));
    event(&app.db, "2026-02-02T04:59:59Z", "Ann Leeson", Action::GroupChanged, "Gamma", Some(retail));
    event(&app.db, "2026-02-02T05:00:00Z", "Bob", Action::UserChanged, "Delta", None);
    let all = ["Alpha", "Beta", "Gamma", "Delta"];
    let vip_text = vip.to_string();
    for (filters, expected) in [
        (vec![], &all[..]),
        (vec![("action", "group.changed")], &["Alpha", "Gamma"]),
        (vec![("actor", "Ann Lee")], &["Alpha", "Beta"]),
        (vec![("actor", "ann lee")], &[]),
        (vec![("from", "2026-02-01")], &["Beta", "Gamma", "Delta"]),
        (vec![("to", "2026-02-01")], &["Alpha", "Beta", "Gamma"]),
        (vec![("from", "2026-02-01"), ("to", "2026-02-01")], &["Beta", "Gamma"]),
        (vec![("from", "2026-02-02"), ("to", "2026-02-01")], &[]),
        (vec![("group", &vip_text)], &["Alpha", "Beta"]),
        (vec![("group_text", "vip")], &["Alpha", "Beta"]),
        (vec![("group", &vip_text), ("group_text", "Retail")], &["Gamma"]),
        (vec![("group_text", "Nobody's")], &[]),
        (vec![("action", "group.changed"), ("actor", "Ann Lee"), ("group_text", "VIP")], &["Alpha"]),
        (vec![("action", "boom"), ("from", "yesterday"), ("after", "x"), ("before", "y")], &all),
    ] {
        let query = form(&filters);
        assert_eq!(shown(&viewer.get(&format!("/audit?{query}")), &all), expected, "{filters:?}");
        let file = viewer.get(&format!("/audit.csv?{query}"));
        let subjects: Vec<String> = csv::Reader::from_reader(file.body.as_bytes())
            .records()
            .map(|row| row.unwrap()[4].to_owned())
            .filter(|subject| all.contains(&subject.as_str()))
            .collect();
        let newest_first: Vec<&str> = expected.iter().rev().copied().collect();
        assert_eq!(subjects, newest_first, "{filters:?}");
    }
}

#[test]
fn a_filter_is_a_chip_that_can_be_taken_away() {
    let app = TestApp::new();
    let viewer = app.sign_in(Role::Viewer);
    event(&app.db, "2026-03-01T12:00:00Z", "Ann Lee", Action::GroupChanged, "Alpha", None);
    let page = viewer.get("/audit?actor=Ann+Lee&action=group.changed&group_text=Nobody");
    let told = page.text();
    for chip in ["By: Ann Lee", "Action: Group changed", "Group: Nobody", "Nothing fits"] {
        assert!(told.contains(chip), "{chip}: {told}");
    }
    assert!(page.body.contains("href=\"/audit?actor=Ann+Lee&#38;action=group.changed\""), "{}", page.body);
    assert!(page.body.contains("href=\"/audit.csv?actor=Ann+Lee&#38;action=group.changed&#38;group_text=Nobody\""));
    // A name in the log leads to what it did, and the field suggests the names there are.
    let page = viewer.get("/audit?action=group.changed");
    assert!(page.body.contains("href=\"/audit?action=group.changed&#38;actor=Ann+Lee\">Ann Lee</a>"));
    assert!(page.body.contains("<option value=\"Ann Lee\">") && page.body.contains("<option value=\"Viewer 1\">"));
    let region = viewer.htmx_get("/audit?action=group.changed", "results");
    assert!(!region.body.contains("<form") && region.text().contains("Alpha"));
}

#[test]
fn it_is_read_page_by_page_and_back_and_as_one_file() {
    let app = TestApp::new();
    let viewer = app.sign_in(Role::Viewer);
    let begun: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    // Three to an instant, so that pages end between events of the same time.
    let total = 2_200;
    let by = Actor::command_line();
    app.db
        .conn()
        .transaction::<_, clientele::error::Error, _>(|conn| {
            for n in 0..total {
                let event = NewEvent::about(Action::TokenRevoked, None, &format!("Token-{n:04}"), None, None);
                record(conn, &by, begun + Duration::minutes(n / 3), &event)?;
            }
            Ok(())
        })
        .unwrap();
    let expected: Vec<String> = (0..total).rev().map(|n| format!("Token-{n:04}")).collect();
    let names = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '-')
            .filter(|word| word.starts_with("Token-"))
            .map(str::to_owned)
            .collect()
    };
    let on_page = |page: &Page| names(&page.text());
    let first = viewer.get("/audit?action=token.revoked");
    let second = viewer.get(&link(&first.body, "page-next").unwrap());
    let third = viewer.get(&link(&second.body, "page-next").unwrap());
    assert_eq!([on_page(&first), on_page(&second), on_page(&third)].concat(), expected[..150]);
    let back = viewer.get(&link(&third.body, "page-previous").unwrap());
    assert_eq!(on_page(&back), on_page(&second));
    let first_again = viewer.get(&link(&back.body, "page-previous").unwrap());
    assert_eq!(on_page(&first_again), on_page(&first));
    assert_eq!(link(&first_again.body, "page-previous"), None);

    let file = viewer.get("/audit.csv?action=token.revoked");
    let subjects: Vec<String> =
        csv::Reader::from_reader(file.body.as_bytes()).records().map(|row| row.unwrap()[4].to_owned()).collect();
    assert_eq!(subjects, expected);
}

/// With many events, each filter reads its index in the order shown: no other rows, no sorting.
#[test]
fn every_filter_has_its_index() {
    let db = TestDb::new();
    let mut conn = db.conn();
    diesel::sql_query(
        "INSERT INTO audit_events (id, at, actor_kind, actor_name, action, subject_kind, subject_name, group_id)
         SELECT gen_random_uuid(), timestamptz '2020-01-01' + n * interval '1 minute', 'user', 'Person ' || n % 200,
                (ARRAY['group.changed', 'user.signed_in', 'group.created'])[1 + n % 3], 'group', 'x',
                CASE WHEN n % 2 = 0 THEN '01900000-0000-7000-8000-000000000000'::uuid END
         FROM generate_series(1, 20000) n",
    )
    .execute(&mut conn)
    .unwrap();
    diesel::sql_query("ANALYZE audit_events").execute(&mut conn).unwrap();
    for (condition, index) in [
        ("true", "audit_events_at"),
        (
            "at <= '2020-01-05' AND (at < '2020-01-05' OR id < '01900000-0000-7000-8000-000000000000')",
            "audit_events_at",
        ),
        ("at >= '2020-01-03' AND at < '2020-01-04'", "audit_events_at"),
        ("action = 'demo.loaded'", "audit_events_action"),
        ("action = 'group.changed'", "audit_events_action"),
        ("actor_name = 'Person 7'", "audit_events_actor"),
        ("group_id = '01900000-0000-7000-8000-000000000000'", "audit_events_group"),
    ] {
        let query = format!("SELECT * FROM audit_events WHERE {condition} ORDER BY at DESC, id DESC LIMIT 51");
        let plan = explain(&mut conn, &query);
        assert!(plan.contains(&format!("using {index} ")) && !plan.contains("Sort"), "{condition}: {plan}");
    }
}

fn explain(conn: &mut PgConnection, query: &str) -> String {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
        line: String,
    }
    let lines: Vec<Line> = diesel::sql_query(format!("EXPLAIN {query}")).load(conn).unwrap();
    lines.into_iter().map(|line| line.line).collect::<Vec<_>>().join("\n")
}
