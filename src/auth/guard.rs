//! The door of the console: who isn't signed in goes to the sign-in page, and a change is taken only from our own
//! forms. It stands before every console route, so that none can forget it.

use super::role::{Actor, ActorKind};
use super::session::{SignedIn, signed_in, take_flashes};
use crate::error::Error;
use crate::web::errors::{PageError, RequestId};
use crate::web::htmx::Hx;
use crate::web::shell::{Person, Shell};
use crate::web::theme::Theme;
use actix_session::SessionExt;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use std::future::{Ready, ready};
use subtle::ConstantTimeEq;

/// The hidden field of every form.
pub const CSRF_FIELD: &str = "csrf";
/// The header of every htmx request.
pub const CSRF_HEADER: &str = "x-csrf-token";

/// Middleware of the console's routes.
pub async fn console<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let (person, csrf) = match signed_in(request.request()) {
        Ok(Some(known)) => known,
        Ok(None) => return Ok(refuse(request, Error::Unauthenticated)),
        Err(error) => return Ok(refuse(request, error)),
    };
    enter(&request, &person, &csrf);
    if changes_something(request.method())
        && let Err(error) = own_form(&mut request, &csrf).await
    {
        return Ok(refuse(request, error));
    }
    Ok(next.call(request).await?.map_into_left_body())
}

fn refuse<B>(request: ServiceRequest, error: Error) -> ServiceResponse<EitherBody<B>> {
    request.error_response(PageError(error)).map_into_right_body()
}

/// Puts the actor and the page's frame where handlers take them from.
fn enter(request: &ServiceRequest, person: &SignedIn, csrf: &str) {
    let hx = Hx::of(request.request());
    // Messages are for the next whole page; a region has no place for them.
    let whole_page = request.method() == Method::GET && !hx.partial;
    let flashes = if whole_page { take_flashes(&request.get_session()) } else { Vec::new() };
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
    let actor =
        Actor { kind: ActorKind::User, id: Some(person.id), name: person.name.clone(), role: person.role, request_id };
    let shell = Shell {
        store: String::new(),
        person: Some(Person { name: person.name.clone(), email: person.email.clone(), role: person.role }),
        csrf: csrf.to_owned(),
        path: request.uri().path_and_query().map_or_else(String::new, ToString::to_string),
        flashes,
        theme: Theme::of(request.request()),
        failed_deliveries: person.failed_deliveries,
    };
    let mut extensions = request.extensions_mut();
    extensions.insert(actor);
    extensions.insert(shell);
}

/// Whether a request may change something.
pub fn changes_something(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Addresses that take files, whose handlers look for the form's token themselves: it stands in front of the file, which
/// is not read before. Everywhere else a form with files is refused.
const TAKES_FILES: [&str; 1] = ["/imports"];

/// Whether the token is left to the handler.
fn is_left(request: &ServiceRequest) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    request.method() == Method::POST && TAKES_FILES.contains(&request.path()) && kind.starts_with("multipart/form-data")
}

/// Refuses what another site sent, or what doesn't bring our token along.
async fn own_form(request: &mut ServiceRequest, csrf: &str) -> Result<(), Error> {
    same_site(request.request())?;
    if is_left(request) {
        return Ok(());
    }
    let from_header = request.headers().get(CSRF_HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let sent = match from_header {
        Some(token) => Some(token),
        None => field(request).await?,
    };
    if sent.is_some_and(|sent| same(&sent, csrf)) { Ok(()) } else { Err(forged()) }
}

/// The browser says where a request comes from; another site's is refused whatever it carries.
pub fn same_site(request: &HttpRequest) -> Result<(), Error> {
    let from = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if matches!(from, Some("cross-site" | "same-site")) { Err(forged()) } else { Ok(()) }
}

/// Compares two tokens in a time that doesn't tell how much of them agrees.
pub fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// How a forged or expired form is refused.
pub fn forged() -> Error {
    Error::Forbidden(
        "This form has expired or didn't come from this site. Go back, reload the page and try again.".into(),
    )
}

/// The token in the body, which handlers read again afterwards.
async fn field(request: &mut ServiceRequest) -> Result<Option<String>, Error> {
    let form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !form {
        return Ok(None);
    }
    let body = request
        .extract::<web::Bytes>()
        .await
        .map_err(|_| Error::TooLarge("What you sent is over the limit of 256 KiB.".into()))?;
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_bytes(&body).map_err(|_| Error::Malformed("The form can't be read.".into()))?;
    request.set_payload(Payload::from(body));
    Ok(pairs.into_iter().find(|(name, _)| name == CSRF_FIELD).map(|(_, token)| token))
}

impl FromRequest for Actor {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Actor>().cloned().ok_or(PageError(Error::Unauthenticated)))
    }
}

impl FromRequest for Shell {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Shell>().cloned().ok_or(PageError(Error::Unauthenticated)))
    }
}
