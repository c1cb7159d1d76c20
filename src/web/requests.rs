//! Every request has a number: in the log, in the audit log, in the response.

use crate::config::Https;
use crate::metrics;
use crate::web::errors::RequestId;
use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use std::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

/// The header that carries the number in and out.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Middleware that numbers requests, logs them, and marks cookies `Secure` where the request came over HTTPS.
pub async fn numbered<B: MessageBody + 'static>(
    https: Https,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let begun = Instant::now();
    let id = request.headers().get(&HEADER).and_then(|value| value.to_str().ok()).filter(|id| is_plain(id));
    let id = id.map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
    request.extensions_mut().insert(RequestId(id.clone()));
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let forwarded = request.headers().get("x-forwarded-proto").is_some_and(|proto| proto.as_bytes() == b"https");
    let secure = https == Https::On || (https == Https::Auto && forwarded);
    // What is logged on the way carries the number, too.
    let span = tracing::info_span!("answering", %id);
    let mut response = match next.call(request).instrument(span).await {
        Ok(response) => response,
        Err(error) => {
            let status = error.as_response_error().status_code().as_u16();
            metrics::request(method.as_str(), None, status, begun.elapsed());
            tracing::info!(%id, %method, path, status, ms = millis(begun), "request");
            return Err(error);
        }
    };
    let (route, status) = (response.request().match_pattern(), response.status().as_u16());
    metrics::request(method.as_str(), route.as_deref(), status, begun.elapsed());
    tracing::info!(%id, %method, path, status, ms = millis(begun), "request");
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    if secure {
        make_cookies_secure(&mut response);
    }
    Ok(response)
}

fn millis(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// A number that somebody else gave is taken where it can't do harm in a log line.
fn is_plain(id: &str) -> bool {
    (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

fn make_cookies_secure<B>(response: &mut ServiceResponse<B>) {
    let cookies: Vec<String> = response
        .headers()
        .get_all(header::SET_COOKIE)
        .filter_map(|cookie| cookie.to_str().ok())
        .map(|cookie| if cookie.contains("; Secure") { cookie.to_owned() } else { format!("{cookie}; Secure") })
        .collect();
    response.headers_mut().remove(header::SET_COOKIE);
    for cookie in cookies {
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_numbers_are_taken_over() {
        for (id, plain) in [("0199f2c1-aaaa", true), ("abc", false), ("a\nb-injected", false), (&"x".repeat(65), false)]
        {
            assert_eq!(is_plain(id), plain, "{id:?}");
        }
    }
}
