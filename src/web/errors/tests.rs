use super::*;
use crate::auth::role::Role;
use crate::error::FieldError;
use crate::web::shell::Person;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpRequest, test, web};

fn fail(kind: &str) -> Error {
    match kind {
        "unauthenticated" => Error::Unauthenticated,
        "forbidden" => Error::Forbidden("Only administrators may manage users.".into()),
        "missing" => Error::NotFound("This group doesn't exist or was deleted.".into()),
        "stale" => Error::Stale("Ada saved this group at 14:02.".into()),
        "conflict" => Error::Conflict("The group is full (capacity 20).".into()),
        "malformed" => Error::Malformed("That is no id.".into()),
        "large" => Error::TooLarge("The metadata is over 16 KiB.".into()),
        "invalid" => Error::Invalid(vec![FieldError::new("name", "Enter a name."), FieldError::new("code", "<Taken>")]),
        "many" => Error::TooMany { retry_after: 90 },
        "busy" => Error::Busy,
        _ => Error::internal("relation \"secrets\" does not exist"),
    }
}

async fn handler(request: HttpRequest, kind: web::Path<String>) -> Result<HttpResponse, PageError> {
    if request.headers().contains_key("x-signed-in") {
        let person = Person { name: "Ada".into(), email: "ada@demo.test".into(), role: Role::Admin };
        request.extensions_mut().insert(Shell { person: Some(person), ..Shell::default() });
        request.extensions_mut().insert(RequestId("req-7".into()));
    }
    Err(fail(&kind).into())
}

async fn number(_: web::Path<u32>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn ask(path: &str, headers: &[(&str, &str)]) -> (StatusCode, header::HeaderMap, String) {
    let app = test::init_service(
        App::new()
            .wrap(from_fn(error_pages))
            .route("/fail/{kind}", web::get().to(handler))
            .route("/login/{kind}", web::get().to(handler))
            .route("/number/{n}", web::get().to(number)),
    )
    .await;
    let mut request = test::TestRequest::get().uri(path);
    for header in headers {
        request = request.insert_header(*header);
    }
    let response = test::call_service(&app, request.to_request()).await;
    let (status, headers) = (response.status(), response.headers().clone());
    (status, headers, String::from_utf8(test::read_body(response).await.to_vec()).unwrap())
}

const BROWSER: (&str, &str) = ("accept", "text/html,*/*");

#[actix_web::test]
async fn every_error_has_its_status_and_says_what_happened() {
    for (kind, status, sentence) in [
        ("forbidden", 403, "Only administrators may manage users."),
        ("missing", 404, "This group doesn&#39;t exist or was deleted."),
        ("stale", 409, "Ada saved this group at 14:02."),
        ("conflict", 409, "The group is full (capacity 20)."),
        ("malformed", 400, "That is no id."),
        ("large", 413, "The metadata is over 16 KiB."),
        ("invalid", 422, "&#60;Taken&#62;"),
        ("many", 429, "Try again in 2 minutes."),
        ("busy", 503, "The database can&#39;t take another request at the moment."),
        ("internal", 500, "It is in the log."),
    ] {
        for headers in [vec![BROWSER], vec![BROWSER, ("x-signed-in", "1")]] {
            let (got, response, body) = ask(&format!("/fail/{kind}"), &headers).await;
            assert_eq!(got.as_u16(), status, "{kind}");
            assert!(body.contains(sentence), "{kind}: {body}");
            assert!(body.contains("<!doctype html>"), "{kind} is a page");
            assert_eq!(body.contains("/settings/users"), headers.len() > 1, "{kind}: the menu is for who is signed in");
            assert!(response.get("vary").unwrap().to_str().unwrap().contains("HX-Request"), "{kind}");
        }
    }
}

#[actix_web::test]
async fn waiting_is_told_to_machines_too() {
    assert_eq!(ask("/fail/many", &[BROWSER]).await.1.get("retry-after").unwrap(), "90");
    assert_eq!(ask("/fail/busy", &[BROWSER]).await.1.get("retry-after").unwrap(), "2");
}

#[actix_web::test]
async fn a_fault_shows_its_reference_and_nothing_of_the_inside() {
    for headers in [vec![BROWSER, ("x-signed-in", "1")], vec![("x-signed-in", "1"), ("hx-request", "true")]] {
        let (_, _, body) = ask("/fail/internal", &headers).await;
        assert!(body.contains("req-7"), "{body}");
        assert!(!body.contains("secrets"), "{body}");
    }
}

#[actix_web::test]
async fn who_is_not_signed_in_goes_to_sign_in_and_comes_back() {
    let (status, headers, _) = ask("/fail/unauthenticated?q=a%26b", &[BROWSER]).await;
    assert_eq!(
        (status.as_u16(), headers.get("location").unwrap().to_str().unwrap()),
        (303, "/login?next=%2Ffail%2Funauthenticated%3Fq%3Da%2526b")
    );
    let htmx = [("hx-request", "true"), ("hx-current-url", "https://shop.test/groups?q=a")];
    let (status, headers, _) = ask("/fail/unauthenticated", &htmx).await;
    assert_eq!(
        (status.as_u16(), headers.get("hx-redirect").unwrap().to_str().unwrap()),
        (200, "/login?next=%2Fgroups%3Fq%3Da")
    );
}

#[actix_web::test]
async fn the_sign_in_page_does_not_lead_to_itself() {
    let (status, headers, _) = ask("/login/unauthenticated", &[BROWSER]).await;
    assert_eq!((status.as_u16(), headers.contains_key("location")), (401, false));
}

#[actix_web::test]
async fn htmx_gets_a_message_that_leaves_the_page_alone() {
    let (status, headers, body) =
        ask("/fail/conflict", &[("hx-request", "true"), ("hx-request-type", "partial")]).await;
    assert_eq!(status.as_u16(), 409);
    assert_eq!(headers.get("hx-retarget").unwrap(), "#toasts");
    assert_eq!(headers.get("hx-push-url").unwrap(), "false");
    assert!(body.contains("The group is full (capacity 20).") && !body.contains("<html"), "{body}");
    let (_, headers, body) = ask("/fail/conflict", &[("hx-request", "true"), ("hx-boosted", "true")]).await;
    assert!(!headers.contains_key("hx-retarget") && body.contains("<!doctype html>"), "a followed link shows the page");
}

#[actix_web::test]
async fn what_actix_refuses_itself_is_a_page_for_people_only() {
    let (status, _, body) = ask("/number/seven", &[BROWSER]).await;
    assert_eq!(status.as_u16(), 404);
    assert!(body.contains("There is no such page."), "{body}");
    let (status, _, body) = ask("/number/seven", &[("accept", "application/json")]).await;
    assert_eq!(status.as_u16(), 404);
    assert!(!body.contains("<html"), "{body}");
}
