//! The HTML face of [`Error`]: a page that says what happened and what to do, or, for a part of a page, a message in
//! the corner that leaves everything typed where it is.

use crate::error::Error;
use crate::web::format::counted;
use crate::web::htmx::{Hx, VARY};
use crate::web::respond::local_path;
use crate::web::shell::{Flash, Shell};
use crate::web::theme::Theme;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpResponse, ResponseError};
use askama::Template;
use std::fmt;
use uuid::Uuid;

/// What page handlers fail with: any [`Error`], and `?` makes one.
#[derive(Debug)]
pub struct PageError(pub Error);

/// The id under which a request stands in the log. Whoever numbers requests puts it among the request's extensions;
/// a fault's page shows it as the reference.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

impl<E: Into<Error>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        Notice::of(&self.0).status
    }

    /// The page without the frame; [`error_pages`] replaces it by the full one where it knows the request.
    fn error_response(&self) -> HttpResponse {
        respond(&Asker::default(), None, &Notice::of(&self.0), None)
    }
}

/// What an error page says.
#[derive(Debug, PartialEq, Eq)]
struct Notice {
    status: StatusCode,
    title: &'static str,
    /// What happened, in sentences of their own.
    sentences: Vec<String>,
    /// What to do about it.
    advice: &'static str,
    /// Seconds until it makes sense to try again.
    retry_after: Option<u64>,
}

impl Notice {
    fn of(error: &Error) -> Self {
        let say = |status, title, sentence: &str, advice| Self {
            status,
            title,
            sentences: vec![sentence.to_owned()],
            advice,
            retry_after: None,
        };
        match error {
            Error::Unauthenticated => {
                say(StatusCode::UNAUTHORIZED, "Sign in first", "This page is for people who are signed in.", "")
            }
            Error::Forbidden(text) => say(
                StatusCode::FORBIDDEN,
                "You may not do this",
                text,
                "Ask an administrator if you need it. Nothing was changed.",
            ),
            Error::NotFound(text) => {
                say(StatusCode::NOT_FOUND, "Not found", text, "Check the address, or search for it.")
            }
            Error::Stale(text) => say(
                StatusCode::CONFLICT,
                "Someone changed it meanwhile",
                text,
                "Go back and reload the page to see the latest version. Nothing was changed.",
            ),
            Error::Conflict(text) => say(StatusCode::CONFLICT, "That can't be done now", text, "Nothing was changed."),
            Error::Malformed(text) => say(
                StatusCode::BAD_REQUEST,
                "The request can't be read",
                text,
                "Go back, reload the page and try again. Nothing was changed.",
            ),
            Error::UnsupportedMedia(text) => say(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "This kind of content isn't taken here",
                text,
                "Nothing was changed.",
            ),
            Error::TooLarge(text) => {
                say(StatusCode::PAYLOAD_TOO_LARGE, "Too much at once", text, "Send less. Nothing was changed.")
            }
            Error::Invalid(fields) => Self {
                sentences: fields.iter().map(|field| field.message.clone()).collect(),
                ..say(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "Some of it can't be taken",
                    "",
                    "Go back and mend it. Nothing was changed.",
                )
            },
            Error::TooMany { retry_after } => Self {
                sentences: vec![format!("Try again in {}.", wait(*retry_after))],
                retry_after: Some(*retry_after),
                ..say(StatusCode::TOO_MANY_REQUESTS, "Too many attempts", "", "")
            },
            Error::Busy => Self {
                retry_after: Some(2),
                ..say(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Busy right now",
                    "The database can't take another request at the moment.",
                    "Wait a few seconds and reload the page. Nothing was changed.",
                )
            },
            Error::Internal(_) => say(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something broke on our side",
                "This is a fault of the program or the machine, not yours. It is in the log.",
                "Try again. If it happens again, give the reference below to whoever runs this program.",
            ),
        }
    }

    /// For errors that actix finds before a handler runs: a path that is none, a body over the limit.
    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::of(&Error::NotFound("There is no such page.".into())),
            StatusCode::PAYLOAD_TOO_LARGE => Self::of(&Error::TooLarge("What you sent is over the limit.".into())),
            StatusCode::METHOD_NOT_ALLOWED => {
                Self { status, ..Self::of(&Error::Malformed("This address doesn't take that kind of request.".into())) }
            }
            status if status.is_server_error() => Self::of(&Error::internal("a fault without a description")),
            status => {
                Self { status, ..Self::of(&Error::Malformed("The request isn't one that this page takes.".into())) }
            }
        }
    }
}

/// How long to wait, for people: seconds below a minute, else minutes.
pub fn wait(seconds: u64) -> String {
    let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    if seconds < 60 {
        counted(whole(seconds), "second", "seconds")
    } else {
        counted(whole(seconds.div_ceil(60)), "minute", "minutes")
    }
}

/// What is known of who asked, as far as the answer depends on it.
#[derive(Debug, Default)]
struct Asker {
    hx: Hx,
    path: String,
    theme: Theme,
    /// Where to come back to after signing in.
    back: Option<String>,
    takes_html: bool,
}

impl Asker {
    fn of(request: &ServiceRequest) -> Self {
        let hx = Hx::of(request.request());
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let here = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let back = match (request.method(), &hx.current) {
            (_, Some(current)) => Some(current.clone()),
            (&Method::GET, None) => Some(here.to_owned()),
            _ => None,
        };
        Self {
            hx,
            path: here.to_owned(),
            theme: Theme::of(request.request()),
            back: back.filter(|path| local_path(path).is_some() && path != "/"),
            takes_html: text(header::ACCEPT).is_some_and(|accept| accept.contains("text/html")),
        }
    }
}

#[derive(Template)]
#[template(path = "errors/error.html")]
struct ErrorPage<'a> {
    shell: Shell,
    notice: &'a Notice,
    reference: &'a str,
}

#[derive(Template)]
#[template(path = "errors/bare.html")]
struct BareErrorPage<'a> {
    shell: Shell,
    notice: &'a Notice,
    reference: &'a str,
}

#[derive(Template)]
#[template(path = "errors/toast.html")]
struct ErrorToast {
    flash: Flash,
    csrf: String,
}

/// Middleware for the console's pages: gives every error its face. It stands outside of whatever signs people in and
/// fills [`Shell`] into the request's extensions, and inside of [`crate::web::security::security_headers`].
pub async fn error_pages<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let asker = Asker::of(&request);
    match next.call(request).await {
        Ok(response) => {
            let status = response.status();
            let Some(error) = response.response().error() else {
                // A method that no route of an address takes is answered by actix, without an error or a word.
                if status == StatusCode::METHOD_NOT_ALLOWED && asker.takes_html {
                    let shell = response.request().extensions().get::<Shell>().cloned();
                    let face = respond(&asker, shell, &Notice::of_status(status), None);
                    return Ok(response.into_response(face));
                }
                return Ok(response.map_into_boxed_body());
            };
            let page_error = error.as_error::<PageError>();
            // A client of the API has its own face; actix's own errors are ours only where a person asks.
            if page_error.is_none() && !asker.takes_html {
                return Ok(response.map_into_boxed_body());
            }
            let notice = page_error.map_or_else(|| Notice::of_status(status), |error| Notice::of(&error.0));
            let (shell, id) = {
                let extensions = response.request().extensions();
                (extensions.get::<Shell>().cloned(), extensions.get::<RequestId>().cloned())
            };
            let reference = reference(&notice, id, error);
            let face = respond(&asker, shell, &notice, reference.as_deref());
            Ok(response.into_response(face))
        }
        Err(error) => {
            let notice = match error.as_error::<PageError>() {
                Some(error) => Notice::of(&error.0),
                None if asker.takes_html => Notice::of_status(error.as_response_error().status_code()),
                None => return Err(error),
            };
            let reference = reference(&notice, None, &error);
            let face = respond(&asker, None, &notice, reference.as_deref());
            Err(InternalError::from_response(error, face).into())
        }
    }
}

/// Logs a fault and gives the reference under which it is found.
fn reference(notice: &Notice, id: Option<RequestId>, error: &actix_web::Error) -> Option<String> {
    if notice.status != StatusCode::INTERNAL_SERVER_ERROR {
        return None;
    }
    let id = id.map_or_else(|| Uuid::now_v7().to_string(), |id| id.0);
    tracing::error!(reference = %id, %error, "a request failed");
    Some(id)
}

fn respond(asker: &Asker, shell: Option<Shell>, notice: &Notice, reference: Option<&str>) -> HttpResponse {
    // The sign-in page itself never leads to the sign-in page.
    if notice.status == StatusCode::UNAUTHORIZED && !asker.path.starts_with("/login") {
        return sign_in(asker);
    }
    let mut response = HttpResponse::build(notice.status);
    response.insert_header(VARY).content_type("text/html; charset=utf-8");
    if let Some(seconds) = notice.retry_after {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
    let reference = reference.unwrap_or_default();
    let shell = shell.unwrap_or_else(|| Shell { path: asker.path.clone(), theme: asker.theme, ..Shell::default() });
    let body = if asker.hx.request && !asker.hx.boosted {
        // The page stays as it is, address included; only the message is added.
        response
            .insert_header(("HX-Retarget", "#toasts"))
            .insert_header(("HX-Reswap", "beforeend"))
            .insert_header(("HX-Reselect", ".toast"))
            .insert_header(("HX-Push-Url", "false"));
        let mut text = notice.sentences.join(" ");
        if !reference.is_empty() {
            text = format!("{}. Reference: {reference}", notice.title);
        }
        ErrorToast { flash: Flash::error(text), csrf: shell.csrf }.render()
    } else if shell.person.is_some() {
        ErrorPage { shell, notice, reference }.render()
    } else {
        BareErrorPage { shell, notice, reference }.render()
    };
    match body {
        Ok(body) => response.body(body),
        Err(_) => response.content_type("text/plain; charset=utf-8").body(notice.title),
    }
}

fn sign_in(asker: &Asker) -> HttpResponse {
    let to = match asker.back.as_deref().map(|back| serde_urlencoded::to_string([("next", back)])) {
        Some(Ok(next)) => format!("/login?{next}"),
        _ => "/login".to_owned(),
    };
    asker.hx.see_other(&to)
}

#[cfg(test)]
mod tests;
