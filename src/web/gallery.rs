//! Every widget in one page: a template that nobody renders is a template that nobody checks.

use crate::auth::role::Role;
use crate::error::FieldError;
use crate::web::find::{FoundOption, Hit, JumpResults, Options, Section};
use crate::web::format::filters;
use crate::web::forms::{Choice, FormState, KeyValue};
use crate::web::query::{Chip, Pager, Query};
use crate::web::shell::{Flash, Person, Shell};
use crate::web::theme::Theme;
use askama::Template;
use chrono::{DateTime, TimeZone as _, Utc};
use chrono_tz::Tz;

#[derive(Template)]
#[template(path = "ui/gallery.html", blocks = ["results", "dialog"])]
pub struct Gallery {
    pub shell: Shell,
    pub query: Query,
    pub chips: Vec<Chip>,
    pub pager: Pager,
    pub statuses: Vec<Choice>,
    pub types: Vec<Choice>,
    pub rows: Vec<Choice>,
    pub found: Vec<Section>,
    pub form: FormState,
    pub at: DateTime<Utc>,
    pub zone: Tz,
}

pub fn sample(theme: Theme) -> Gallery {
    let query = Query::new("/groups", "q=vip&status=active&sort=-customers");
    let mut form = FormState::new()
        .with("name", "VIP <Customers> & friends")
        .with("code", "vip customers")
        .with("status", "active")
        .with("type", "hybrid")
        .with("stack", "on");
    form.set_rows("metadata", [KeyValue { key: "tier".into(), value: r#""gold""#.into() }]);
    Gallery {
        shell: Shell {
            store: "Demo shop".into(),
            person: Some(Person { name: "Ada Quill".into(), email: "admin@demo.test".into(), role: Role::Admin }),
            csrf: "token-of-the-test".into(),
            path: "/groups?q=vip".into(),
            flashes: vec![
                Flash::success("VIP Customers was saved."),
                Flash::warning("2 of 14 customers were not added: they are blocked.").link("Show", "/groups/1"),
                Flash::success("12 customers left VIP Customers.").button("Undo", "/undo/1"),
            ],
            theme,
            failed_deliveries: 2,
        },
        chips: vec![query.chip("q", "Search", "vip"), query.chip("status", "Status", "Active")],
        pager: Pager { summary: "50 of 1,169 groups".into(), previous: None, next: Some(query.after("x")) },
        query,
        statuses: vec![Choice::new("active", "Active"), Choice::new("inactive", "Inactive")],
        types: vec![
            Choice::new("manual", "Manual").hint("Customers are assigned by hand."),
            Choice::new("automatic", "Automatic").hint("A rule assigns them."),
            Choice::new("hybrid", "Hybrid").hint("A rule, and exceptions by hand."),
        ],
        rows: vec![
            Choice::new("1", "Distributor").hint("Wholesale"),
            Choice::new("2", "VIP Customers").hint("Tiered Customers"),
            Choice::new("3", "Gold Tier").hint("Tiered Customers"),
        ],
        found: vec![Section {
            label: "Groups".into(),
            hits: vec![Hit {
                label: "VIP Customers".into(),
                hint: "VIP".into(),
                path: "/groups/1".into(),
                icon: "users-group",
            }],
        }],
        form: form.refused([
            FieldError::new("code", "Use A–Z, 0–9, _ and - only, for instance VIP-CUSTOMERS."),
            FieldError::new("", "The group was changed meanwhile."),
        ]),
        at: Utc.with_ymd_and_hms(2024, 1, 1, 14, 2, 0).unwrap(),
        zone: Tz::UTC,
    }
}

#[test]
fn every_widget_renders_with_what_it_was_given() {
    let page = sample(Theme::Dark).render().unwrap();
    for expected in [
        r#"<html lang="en" data-bs-theme="dark">"#,
        r#"<meta name="csrf-token" content="token-of-the-test">"#,
        r#"<li><a href="/groups" aria-current="page">"#,
        "<title>VIP Customers · Clientele</title>",
        r#"value="VIP &#60;Customers&#62; &#38; friends""#,
        r#"<input class="form-control is-invalid" type="text" id="field-code" name="code" aria-invalid="true" aria-describedby="field-code-error field-code-help" value="vip customers""#,
        r##"<a href="#field-code">Use A–Z"##,
        r#"name="metadata_value" value="&#34;gold&#34;""#,
        r#"<option value="active" selected>Active</option>"#,
        r#"value="hybrid" checked"#,
        r#"aria-sort="descending""#,
        "3,507",
        "from VIP Customers",
        r#"placeholder="500.00""#,
        r#"<time datetime="2024-01-01T14:02:00Z" title="January 1, 2024, 14:02 (UTC)">January 1, 2024</time>"#,
        r#"<form method="post" action="/undo/1"><input type="hidden" name="csrf" value="token-of-the-test">"#,
    ] {
        assert!(page.contains(expected), "{expected} is not in\n{page}");
    }
}

#[test]
fn a_region_is_the_page_without_its_frame() {
    let region = sample(Theme::Light).as_results().render().unwrap();
    assert!(region.contains("<table") && region.contains("50 of 1,169 groups"), "{region}");
    assert!(!region.contains("<html") && !region.contains("shell-side"), "{region}");
}

#[test]
fn a_dialog_is_a_part_of_the_page_that_it_also_is() {
    let dialog = sample(Theme::Light).as_dialog().render().unwrap();
    assert!(dialog.contains("<h2>Delete VIP Customers?</h2>") && dialog.contains("btn-danger"), "{dialog}");
    assert!(!dialog.contains("<html"), "{dialog}");
}

#[test]
fn what_is_found_by_typing_renders() {
    let found = JumpResults { sections: sample(Theme::Auto).found, q: "vip".into() }.render().unwrap();
    assert!(found.contains(r#"<a href="/groups/1" data-hit>"#), "{found}");
    let nothing = JumpResults { sections: vec![], q: "<x>".into() }.render().unwrap();
    assert!(nothing.contains("“&#60;x&#62;”"), "{nothing}");
    let option = FoundOption { id: "7".into(), label: "Gold".into(), hint: "GOLD".into() };
    let options = Options { options: vec![option] }.render().unwrap();
    assert!(options.contains(r#"data-id="7" data-text="Gold""#), "{options}");
    assert!(Options { options: vec![] }.render().unwrap().contains("Nothing found"));
}
