//! schemathesis reads the document and drives the API with what it thinks of: values at the edges of the schemas, wrong
//! ones, and chains of calls. It finds no 5xx, no answer that isn't told of, none that doesn't fit its schema, and nothing
//! taken that the document refuses.

use crate::support::TestApp;
use clientele::auth::role::Role;
use std::process::Command;

/// What each answer is held to. Not, whether everything that fits its schema is taken: what is refused for more than its
/// type, such as a parent that there isn't, is refused rightly.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
    response_schema_conformance,negative_data_rejection,use_after_free,ensure_resource_availability,ignored_auth";

/// The program, which `make test` installs and names.
fn program() -> Option<String> {
    std::env::var("SCHEMATHESIS").ok().filter(|program| !program.is_empty())
}

/// Runs it with these arguments; what it found, where it found something.
fn run(program: &str, app: &TestApp, checks: &str, arguments: &[&str]) -> String {
    let token = app.api(Role::Admin).token;
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(program)
        .current_dir(folder.path())
        .args(["run", &format!("{}/openapi.json", app.url), "--header", &format!("Authorization: Bearer {token}")])
        // One worker: CPython 3.11 parses its own sources wrongly in several threads.
        .args(["--checks", checks, "--seed", "1", "--workers", "1", "--no-shrink", "--suppress-health-check", "all"])
        .args(["--request-timeout", "20", "--no-color", "--warnings", "off"])
        .args(arguments)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    told
}

#[test]
fn nothing_that_it_thinks_of_breaks_the_api() {
    let Some(program) = program() else {
        eprintln!("skipped: SCHEMATHESIS names no program; make test installs it where there is Python 3.");
        return;
    };
    let app = TestApp::demo();
    let all = ["--phases", "coverage,fuzzing,stateful", "--max-examples", "6", "--max-time", "90"];
    let told = run(&program, &app, CHECKS, &[&all[..], &["--exclude-path-regex", "/bulk$"]].concat());
    assert!(told.contains("Stateful (in"), "the stateful phase ran: {told}");
    // An item that doesn't fit is refused by itself, within an answer that is 200.
    let checks = CHECKS.replace("negative_data_rejection,", "");
    let some = ["--phases", "coverage,fuzzing", "--max-examples", "6", "--max-time", "20"];
    run(&program, &app, &checks, &[&some[..], &["--include-path-regex", "/bulk$"]].concat());
}
