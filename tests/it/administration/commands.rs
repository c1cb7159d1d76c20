//! `clientele user` and `clientele token`.

use crate::support::{Api, Program, TestApp};
use clientele::auth::role::Role;
use std::io::Write;
use std::process::Stdio;
use uuid::Uuid;

/// What a command said, and whether it did what it was asked.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run(app: &TestApp, arguments: &[&str]) -> Said {
    run_with(app, arguments, None)
}

fn run_with(app: &TestApp, arguments: &[&str], input: Option<&str>) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Program::command(folder.path());
    command.args(arguments).env("DATABASE_URL", app.db.url());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Dropped at the end of the statement: the input ends.
    let _ = child.stdin.take().unwrap().write_all(input.unwrap_or_default().as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

const ANN: [&str; 8] = ["user", "create", "--email", "ann@shop.test", "--name", "Ann Lee", "--role", "admin"];

fn ann<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&ANN[..], more].concat()
}

#[test]
fn the_first_administrator_is_made_with_a_password_from_standard_input() {
    let app = TestApp::new();
    let made = run_with(&app, &ann(&["--password-stdin"]), Some("quite a few words\n"));
    assert_eq!(made, Said { code: Some(0), out: String::new(), err: String::new() });
    let mut browser = app.browser();
    assert_eq!(browser.sign_in("ann@shop.test", "quite a few words").status, 303);
    assert!(browser.get("/audit").text().contains("Command line created user ann@shop.test"));
    assert_eq!(browser.get("/settings/users").status, 200, "an administrator");
}

#[test]
fn a_random_password_is_all_that_is_printed() {
    let app = TestApp::new();
    let made = run(&app, &ann(&["--random-password"]));
    assert_eq!((made.code, made.out.lines().count(), made.err.as_str()), (Some(0), 1, ""));
    assert_eq!(app.browser().sign_in("ann@shop.test", made.out.trim_end()).status, 303);

    let other = run(&app, &["user", "password", "--email", "ANN@shop.test", "--random-password"]);
    assert_eq!((other.code, other.out.lines().count()), (Some(0), 1));
    assert_ne!(made.out, other.out);
    assert_eq!(app.browser().sign_in("ann@shop.test", made.out.trim_end()).status, 422);
    assert_eq!(app.browser().sign_in("ann@shop.test", other.out.trim_end()).status, 303);
}

#[test]
fn a_new_password_ends_the_sessions() {
    let app = TestApp::new();
    let user = app.user(Role::Editor);
    let browser = app.sign_in_as(&user);
    let said =
        run_with(&app, &["user", "password", "--email", &user.email, "--password-stdin"], Some("quite a few words"));
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(browser.get("/account/password").location().starts_with("/login"));
    assert_eq!(app.browser().sign_in(&user.email, "quite a few words").status, 303);
}

#[test]
fn what_cannot_be_done_is_one_sentence_and_changes_nothing() {
    let app = TestApp::new();
    let user = app.user(Role::Editor);
    let before = crate::access::state(&app.db);
    let refused = |arguments: &[&str], input: &str, sentence: &str| {
        let said = run_with(&app, arguments, Some(input));
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{arguments:?}: {said:?}");
        assert!(said.err.starts_with("clientele: ") && said.err.contains(sentence), "{arguments:?}: {said:?}");
        assert_eq!(said.err.lines().count(), 1, "{said:?}");
    };
    let stdin = "--password-stdin";
    refused(&ann(&[stdin]), "short", "Use at least 12 characters");
    refused(&ann(&[stdin]), "two lines of\npasswords here\n", "more than one line");
    refused(&ann(&[stdin]), "", "Use at least 12 characters");
    refused(&ann(&[]), "", "use --password-stdin or --random-password");
    let taken = user.email.to_uppercase();
    for (email, name, sentence) in [
        (taken.as_str(), "X", "Somebody else already signs in with this email."),
        ("nowhere", "X", "Enter an email address"),
        ("x@shop.test", " ", "Enter a name of 1 to 120 characters."),
    ] {
        let arguments = ["user", "create", "--email", email, "--name", name, "--role", "viewer", stdin];
        refused(&arguments, "quite a few words", sentence);
    }
    refused(&["user", "password", "--email", "nobody@shop.test", stdin], "quite a few words", "Nobody signs in with");
    refused(&["token", "create", "--name", "", "--role", "viewer"], "", "Enter a name of 1 to 120 characters");
    refused(&["token", "revoke", "--name", "Shop"], "", "There is no active token of the name Shop.");
    refused(&["token", "revoke", "--id", "01900000-0000-7000-8000-00000000dead"], "", "This token doesn't exist.");
    for arguments in [
        &["user", "create", "--email", "x@y", "--name", "X", "--role", "boss", stdin][..],
        &["user", "create", "--email", "x@y", "--name", "X", "--role", "viewer", stdin, "--random-password"],
        &["token", "revoke"],
        &["token", "revoke", "--id", "x"],
        &["user"],
    ] {
        assert_eq!(run(&app, arguments).code, Some(2), "{arguments:?}");
    }
    assert_eq!(crate::access::state(&app.db), before);
}

#[test]
fn users_are_listed_a_line_each() {
    let app = TestApp::new();
    assert_eq!(run(&app, &["user", "list"]), Said { code: Some(0), out: String::new(), err: String::new() });
    let (editor, viewer) = (app.user(Role::Editor), app.user(Role::Viewer));
    app.sign_in_as(&viewer);
    let expected = format!(
        "{}\tEditor 1\teditor\tenabled\tnever\n{}\tViewer 2\tviewer\tenabled\t2026-03-10T12:00:00Z\n",
        editor.email, viewer.email
    );
    assert_eq!(run(&app, &["user", "list"]).out, expected);
}

#[test]
fn a_token_is_all_that_is_printed_and_works_until_it_is_revoked() {
    let app = TestApp::new();
    let create = ["token", "create", "--name", "Shop", "--role", "viewer"];
    let made = run(&app, &create);
    assert_eq!((made.code, made.err.as_str(), made.out.lines().count()), (Some(0), "", 1));
    let api = Api::new(&app.url, Uuid::nil(), made.out.trim_end());
    let call = "/admin/pricing/customer-groups";
    assert_eq!(api.get(call).status, 200);

    let listed = run(&app, &["token", "list"]).out;
    let cells: Vec<&str> = listed.trim_end().split('\t').collect();
    assert_eq!(&cells[1..4], ["Shop", "viewer", "Command line"]);
    assert_eq!(&cells[5..], ["2026-03-10", "active"], "used on the day of the application's clock");
    assert!(!listed.contains(&api.token));

    run(&app, &create);
    let two = run(&app, &["token", "revoke", "--name", "Shop"]);
    assert_eq!(two.code, Some(1));
    assert!(two.err.contains("2 active tokens have the name Shop") && two.err.contains(cells[0]), "{two:?}");
    assert_eq!(api.get(call).status, 200);

    assert_eq!(run(&app, &["token", "revoke", "--id", cells[0]]).code, Some(0));
    assert_eq!(api.get(call).status, 401);
    assert_eq!(run(&app, &["token", "revoke", "--name", "Shop"]).code, Some(0), "now there is one of the name");
    let statuses: Vec<String> =
        run(&app, &["token", "list"]).out.lines().map(|line| line.rsplit('\t').next().unwrap().to_owned()).collect();
    assert_eq!(statuses, ["revoked", "revoked"]);
    assert!(app.sign_in(Role::Viewer).get("/audit").text().contains("Command line revoked API token Shop"));
}
