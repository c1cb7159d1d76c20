//! The JSON face of [`Error`]: RFC 9457 problem documents that name the field.

use crate::error::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use serde::Serialize;
use std::fmt;

const MEDIA_TYPE: &str = "application/problem+json";
/// The type of problems that say no more than their status does (RFC 9457, 4.2.1).
const ABOUT: &str = "about:blank";

/// What API handlers fail with: any [`Error`], and `?` makes one.
#[derive(Debug)]
pub struct Problem(pub Error);

impl<E: Into<Error>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Field<'a>>,
}

#[derive(Serialize)]
struct Field<'a> {
    field: &'a str,
    message: &'a str,
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        face(&self.0).0
    }

    fn error_response(&self) -> HttpResponse {
        if let Error::Internal(fault) = &self.0 {
            tracing::error!(%fault, "an API call failed");
        }
        let status = self.status_code();
        let body = serde_json::to_string(&document(&self.0)).unwrap_or_default();
        let mut response = HttpResponse::build(status);
        match &self.0 {
            Error::Unauthenticated => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"clientele\""));
            }
            Error::TooMany { retry_after } => {
                response.insert_header((header::RETRY_AFTER, *retry_after));
            }
            Error::Busy => {
                response.insert_header((header::RETRY_AFTER, 2));
            }
            _ => {}
        }
        response.content_type(MEDIA_TYPE).body(body)
    }
}

/// The document of an error.
fn document(error: &Error) -> Document<'_> {
    let (status, title) = face(error);
    let detail = match error {
        Error::Internal(_) => {
            "This is a fault of the program or the machine; it is in the log under the X-Request-Id of this response."
                .into()
        }
        Error::Unauthenticated => "Send a valid token: Authorization: Bearer <token>.".into(),
        error => error.to_string(),
    };
    let errors = match error {
        Error::Invalid(fields) => fields.iter().map(|e| Field { field: &e.field, message: &e.message }).collect(),
        _ => Vec::new(),
    };
    Document { kind: ABOUT, title, status: status.as_u16(), detail, errors }
}

/// The document of an error within an answer.
///
/// # Errors
/// What can't be JSON.
pub fn told(error: &Error) -> Result<serde_json::Value, Error> {
    serde_json::to_value(document(error)).map_err(Error::internal)
}

/// Middleware of the API: what is refused before a call runs (a query, a path, a method) is a problem document like
/// everything else, and no page, whatever the client says it takes.
pub async fn problems<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return Ok(response);
    }
    let (request, refusal) = response.into_parts();
    let is_document = refusal.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == MEDIA_TYPE);
    let told = refusal.error().map(ToString::to_string);
    let (head, body) = refusal.into_parts();
    // Built anew, so that it no longer carries the error of which the console would make a page.
    let mut response = HttpResponse::build(status);
    for (name, value) in head.headers() {
        response.append_header((name, value));
    }
    let response = if is_document { response.body(body) } else { unread(&mut response, status, told) };
    Ok(ServiceResponse::new(request, response))
}

/// The document for what actix refuses by itself.
fn unread(response: &mut HttpResponseBuilder, status: StatusCode, told: Option<String>) -> HttpResponse {
    let title = status.canonical_reason().unwrap_or("Refused");
    let detail = match status {
        StatusCode::NOT_FOUND => "There is no such call.".into(),
        StatusCode::METHOD_NOT_ALLOWED => "This address doesn't take that method.".into(),
        _ => format!("The request can't be read: {}.", told.unwrap_or_else(|| title.to_lowercase())),
    };
    let document = Document { kind: ABOUT, title, status: status.as_u16(), detail, errors: Vec::new() };
    response.content_type(MEDIA_TYPE).body(serde_json::to_string(&document).unwrap_or_default())
}

/// The answer to a call that doesn't exist; [`problems`] gives it its document.
pub async fn no_such_call() -> HttpResponse {
    HttpResponse::NotFound().finish()
}

/// Status and title of an error.
pub fn face(error: &Error) -> (StatusCode, &'static str) {
    match error {
        Error::Unauthenticated => (StatusCode::UNAUTHORIZED, "No or wrong token"),
        Error::Forbidden(_) => (StatusCode::FORBIDDEN, "The token's role may not do this"),
        Error::NotFound(_) => (StatusCode::NOT_FOUND, "Unknown or deleted"),
        Error::Stale(_) => (StatusCode::CONFLICT, "Changed meanwhile"),
        Error::Conflict(_) => (StatusCode::CONFLICT, "Not possible now"),
        Error::Malformed(_) => (StatusCode::BAD_REQUEST, "Malformed request"),
        Error::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "Invalid field"),
        Error::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "Too large"),
        Error::UnsupportedMedia(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type"),
        Error::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
        Error::Busy => (StatusCode::SERVICE_UNAVAILABLE, "Busy"),
        Error::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "Internal fault"),
    }
}
