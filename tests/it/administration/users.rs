//! `/settings/users`.

use super::number;
use crate::access::state;
use crate::support::{Browser, PASSWORD, TestApp, form};
use clientele::auth::role::Role;

const NEW: [(&str, &str); 5] = [
    ("name", "Ada Quill"),
    ("email", "ada@shop.test"),
    ("role", "editor"),
    ("password", "quite a few words"),
    ("again", "quite a few words"),
];

/// The same fields with some of them changed.
fn with<'a>(fields: &[(&'a str, &'a str)], changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let changed = |name: &str| changes.iter().find(|(changed, _)| *changed == name);
    fields.iter().map(|field| *changed(field.0).unwrap_or(field)).collect()
}

#[test]
fn a_new_user_signs_in() {
    let app = TestApp::new();
    let admin = app.sign_in(Role::Admin);
    assert!(admin.get("/settings/users").body.contains("href=\"/settings/users/new\""));
    assert_eq!(admin.get("/settings/users/new").status, 200);
    let page = admin.post("/settings/users", &NEW);
    assert_eq!((page.status, page.location()), (303, "/settings/users"));
    let list = admin.get("/settings/users").text();
    assert!(list.contains("Ada Quill may sign in now."), "{list}");
    assert!(list.contains("Ada Quill ada@shop.test Editor May sign in never"), "{list}");
    assert!(!admin.get("/settings/users").text().contains("may sign in now"), "a message is shown once");
    assert_eq!(app.browser().sign_in("ada@shop.test", "quite a few words").status, 303);
    let told = admin.get("/audit").text();
    assert!(told.contains("Administrator 1 created user ada@shop.test"), "{told}");
}

#[test]
fn every_wrong_field_of_a_new_user_is_named_and_nothing_is_made() {
    let app = TestApp::new();
    let admin = app.sign_in(Role::Admin);
    let taken = app.user(Role::Viewer).email.to_uppercase();
    let before = state(&app.db);
    let long = "x".repeat(121);
    for (field, value, said) in [
        ("name", "  ", "Enter a name of 1 to 120 characters."),
        ("name", &long, "Enter a name of 1 to 120 characters."),
        ("email", "ada", "Enter an email address such as ann@example.com."),
        ("email", &taken, "Somebody else already signs in with this email."),
        ("role", "boss", "Choose viewer, editor or admin."),
        ("password", "short", "Use at least 12 characters"),
        ("again", "quite another one", "The two passwords differ."),
    ] {
        let page = admin.post("/settings/users", &with(&NEW, &[(field, value)]));
        assert_eq!(page.status, 422, "{field} {value}");
        assert!(page.body.contains(&format!("id=\"field-{field}-error\"")), "the error stands at {field}");
        assert!(page.text().contains(said), "{field}: {}", page.text());
        assert!(page.body.contains("Ada Quill") || field == "name", "what was typed is still there");
        assert!(!page.body.contains("quite a few words"), "a password is never shown again");
    }
    let page = admin.post("/settings/users", &[]);
    for field in ["name", "email", "role", "password"] {
        assert!(page.body.contains(&format!("id=\"field-{field}-error\"")), "{field} is missing");
    }
    assert_eq!(state(&app.db), before);
}

#[test]
fn a_users_details_are_changed() {
    let app = TestApp::new();
    let (admin, user) = (app.sign_in(Role::Admin), app.user(Role::Viewer));
    let path = format!("/settings/users/{}", user.id);
    let page = admin.get(&path);
    assert_eq!((page.status, page.hidden("version")), (200, Some("1")));
    assert!(page.body.contains(&user.email));
    let fields =
        [("version", "1"), ("name", "Vera"), ("email", "vera@shop.test"), ("role", "editor"), ("access", "enabled")];
    assert_eq!(admin.post(&path, &fields).location(), "/settings/users");
    let list = admin.get("/settings/users").text();
    assert!(list.contains("Vera vera@shop.test Editor May sign in"), "{list}");
    let told = admin.get("/audit").text();
    let sentence = "Administrator 1 changed user vera@shop.test: name from Viewer 2 to Vera, role from viewer to editor, \
                    email from viewer-2@shop.test to vera@shop.test";
    assert!(told.contains(sentence), "{told}");
    // The same again changes nothing, and says nothing to the log.
    let events = number(&app, "SELECT count(*) FROM audit_events");
    assert_eq!(admin.post(&path, &with(&fields, &[("version", "2")])).status, 303);
    assert_eq!(number(&app, "SELECT count(*) FROM audit_events"), events);
}

#[test]
fn who_is_disabled_is_out_and_who_is_enabled_again_is_in() {
    let app = TestApp::new();
    let (admin, user) = (app.sign_in(Role::Admin), app.user(Role::Viewer));
    let browser = app.sign_in_as(&user);
    let path = format!("/settings/users/{}", user.id);
    let fields =
        [("version", "1"), ("name", &user.name), ("email", &user.email), ("role", "viewer"), ("access", "disabled")];
    assert_eq!(admin.post(&path, &fields).status, 303);
    assert!(browser.get("/groups").location().starts_with("/login"));
    assert_eq!(app.browser().sign_in(&user.email, PASSWORD).status, 422);
    assert!(admin.get("/settings/users").text().contains(&format!("{} Viewer Disabled", user.email)));
    assert_eq!(admin.post(&path, &with(&fields, &[("version", "2"), ("access", "enabled")])).status, 303);
    assert_eq!(app.browser().sign_in(&user.email, PASSWORD).status, 303);
}

#[test]
fn wrong_details_are_refused_and_change_nothing() {
    let app = TestApp::new();
    let (admin, user, other) = (app.sign_in(Role::Admin), app.user(Role::Viewer), app.user(Role::Viewer));
    let path = format!("/settings/users/{}", user.id);
    let before = state(&app.db);
    let right =
        [("version", "1"), ("name", "Vera"), ("email", "vera@shop.test"), ("role", "editor"), ("access", "enabled")];
    for (field, value, said) in [
        ("name", "", "Enter a name"),
        ("email", "vera", "Enter an email address"),
        ("email", other.email.as_str(), "Somebody else already signs in with this email."),
        ("role", "", "Choose viewer, editor or admin."),
        ("access", "", "Choose whether this person may sign in."),
    ] {
        let page = admin.post(&path, &with(&right, &[(field, value)]));
        assert_eq!(page.status, 422, "{field} {value}");
        assert!(page.body.contains(&format!("id=\"field-{field}-error\"")), "the error stands at {field}");
        assert!(page.text().contains(said), "{field}: {}", page.text());
        assert_eq!(page.hidden("version"), Some("1"));
    }
    assert_eq!(admin.post(&path, &with(&right, &[("version", "")])).status, 400);
    for nobody in ["/settings/users/not-an-id", "/settings/users/01900000-0000-7000-8000-00000000dead"] {
        for page in [admin.get(nobody), admin.post(nobody, &right), admin.get(&format!("{nobody}/password"))] {
            assert_eq!(page.status, 404);
            assert!(page.text().contains("This user doesn't exist."), "{}", page.text());
        }
    }
    assert_eq!(state(&app.db), before);
}

#[test]
fn a_change_over_somebody_elses_shows_both_and_saves_neither() {
    let app = TestApp::new();
    let (admin, user) = (app.sign_in(Role::Admin), app.user(Role::Viewer));
    let path = format!("/settings/users/{}", user.id);
    let theirs =
        [("version", "1"), ("name", "Theirs"), ("email", &user.email), ("role", "viewer"), ("access", "enabled")];
    assert_eq!(admin.post(&path, &theirs).status, 303);
    let before = state(&app.db);
    let mine = with(&theirs, &[("name", "Mine"), ("role", "editor")]);
    let page = admin.post(&path, &mine);
    assert_eq!(page.status, 409);
    let told = page.text();
    for said in ["Somebody changed Theirs meanwhile.", "Name Theirs Mine", "Role viewer editor"] {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert!(!told.contains(&format!("Email {}", user.email)), "what agrees is not listed");
    assert_eq!(state(&app.db), before);
    // The form that came back saves over theirs, knowingly.
    let again = with(&mine, &[("version", page.hidden("version").unwrap())]);
    assert_eq!(admin.post(&path, &again).status, 303);
    assert!(admin.get("/settings/users").text().contains(&format!("Mine {} Editor", user.email)));
}

#[test]
fn the_last_administrator_stays_one() {
    let app = TestApp::new();
    let me = app.user(Role::Admin);
    let admin = app.sign_in_as(&me);
    let path = format!("/settings/users/{}", me.id);
    let fields = [("version", "1"), ("name", &me.name), ("email", &me.email), ("role", "admin"), ("access", "enabled")];
    let before = state(&app.db);
    for change in [("role", "editor"), ("access", "disabled")] {
        let page = admin.post(&path, &with(&fields, &[change]));
        assert_eq!(page.status, 422, "{change:?}");
        assert!(page.text().contains("This is the last administrator."), "{}", page.text());
    }
    assert_eq!(state(&app.db), before);
    app.user(Role::Admin);
    assert_eq!(admin.post(&path, &with(&fields, &[("role", "editor")])).status, 303);
}

#[test]
fn an_administrator_gives_somebody_a_new_password() {
    let app = TestApp::new();
    let (admin, user) = (app.sign_in(Role::Admin), app.user(Role::Viewer));
    let browser = app.sign_in_as(&user);
    let path = format!("/settings/users/{}/password", user.id);
    assert!(admin.get(&path).text().contains(&format!("All sessions of {} end at once.", user.email)));
    for (password, again, said) in
        [("short", "short", "at least 12"), ("a longer one here", "another one here", "differ")]
    {
        let page = admin.post(&path, &[("password", password), ("again", again)]);
        assert_eq!(page.status, 422);
        assert!(page.text().contains(said), "{}", page.text());
        assert!(!page.body.contains("a longer one here"));
    }
    assert_eq!(browser.get("/account/password").status, 200, "nothing has changed yet");
    let page = admin.post(&path, &[("password", "a longer one here"), ("again", "a longer one here")]);
    assert_eq!((page.status, page.location()), (303, "/settings/users"));
    assert!(browser.get("/account/password").location().starts_with("/login"));
    assert_eq!(app.browser().sign_in(&user.email, PASSWORD).status, 422);
    assert_eq!(app.browser().sign_in(&user.email, "a longer one here").status, 303);
}

#[test]
fn the_list_is_read_page_by_page_and_back() {
    let app = TestApp::new();
    let admin = app.sign_in(Role::Admin);
    for _ in 0..101 {
        app.user(Role::Viewer);
    }
    let first = admin.get("/settings/users");
    let second = admin.get(&link(&first.body, "page-next").unwrap());
    let third = admin.get(&link(&second.body, "page-next").unwrap());
    let names = [names(&first.body), names(&second.body), names(&third.body)];
    assert_eq!(names.each_ref().map(Vec::len), [50, 50, 2]);
    let mut expected: Vec<String> =
        (2..=102).map(|n| format!("Viewer {n}")).chain(["Administrator 1".into()]).collect();
    expected.sort();
    assert_eq!(names.concat(), expected);
    assert_eq!((link(&first.body, "page-previous"), link(&third.body, "page-next")), (None, None));
    let back = admin.get(&link(&third.body, "page-previous").unwrap());
    assert_eq!(self::names(&back.body), names[1]);
    let region = admin.htmx_get(&link(&first.body, "page-next").unwrap(), "results");
    assert!(!region.body.contains("<html") && self::names(&region.body) == names[1]);
    assert_eq!(admin.get("/settings/users?after=nonsense").status, 200);
}

/// The address of the link with this id.
pub fn link(html: &str, id: &str) -> Option<String> {
    let (_, rest) = html.split_once(&format!("id=\"{id}\" href=\""))?;
    Some(rest.split('"').next()?.replace("&#38;", "&"))
}

/// The names in the rows' headings.
fn names(html: &str) -> Vec<String> {
    let rows = html.split("<th scope=\"row\">").skip(1);
    rows.map(|row| row.split("</a>").next().unwrap().rsplit('>').next().unwrap().to_owned()).collect()
}

#[test]
fn a_page_is_no_place_for_markup() {
    let app = TestApp::new();
    let admin: Browser = app.sign_in(Role::Admin);
    let page = admin.post("/settings/users", &with(&NEW, &[("name", "<b>Ada</b>"), ("email", "\"><i>@x.test")]));
    assert_eq!(page.status, 303);
    let list = admin.get("/settings/users");
    assert!(!list.body.contains("<b>Ada") && !list.body.contains("<i>@x"));
    assert!(list.text().contains("<b>Ada</b>"), "{}", list.text());
    assert_eq!(form(&[("a", "<")]), "a=%3C");
}
