//! Entity tags (SPEC 13, docs/adr/0020). An answer to a GET has the tag of its version and of its content:
//! `"v3-1f0c…"`. `If-Match` looks at the version alone, `If-None-Match` at both, because an answer may change without a
//! new version: members come and go, settings are inherited.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, web::Bytes};
use sha2::{Digest, Sha256};

/// Middleware that completes the tags of answers to GET, and answers 304 where the caller has this answer already.
pub async fn tagged<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let is_get = request.method() == Method::GET;
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let response = next.call(request).await?.map_into_boxed_body();
    let version = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    let (true, StatusCode::OK, Some(version)) = (is_get, response.status(), version) else { return Ok(response) };
    let (request, answer) = response.into_parts();
    let (mut head, body) = answer.into_parts();
    let body: Bytes = match body.try_into_bytes() {
        Ok(body) => body,
        // An answer in parts; there is none with a version.
        Err(body) => return Ok(ServiceResponse::new(request, head.set_body(body))),
    };
    let tag = whole(&version, &body);
    if let Ok(value) = HeaderValue::from_str(&tag) {
        head.headers_mut().insert(header::ETAG, value);
    }
    if known.is_some_and(|known| is_among(&tag, &known)) {
        let mut same = HttpResponse::NotModified();
        for (name, value) in head.headers().iter().filter(|(name, _)| **name != header::CONTENT_TYPE) {
            same.append_header((name, value));
        }
        return Ok(ServiceResponse::new(request, same.finish()));
    }
    Ok(ServiceResponse::new(request, head.set_body(body).map_into_boxed_body()))
}

/// `"v3"` with the digest of the content.
fn whole(version: &str, body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{hex}\"", version.trim_end_matches('"'))
}

/// Whether a tag is among those of an `If-None-Match`; weak ones are compared like strong ones (RFC 9110, 13.1.2).
fn is_among(tag: &str, known: &str) -> bool {
    known.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

/// The version of an `If-Match`, where it is for one: `None` is any (`*`). A tag that is none of ours is of a version
/// that there never was; a proxy that compresses makes a tag weak, which doesn't change its version.
pub fn version_of(tag: &str) -> Option<Option<i32>> {
    let tag = tag.trim();
    if tag == "*" {
        return Some(None);
    }
    let inner = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('"') {
        return None;
    }
    let number = inner.strip_prefix('v').map(|rest| rest.split('-').next().unwrap_or(rest));
    Some(Some(number.and_then(|number| number.parse().ok()).unwrap_or(-1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_version_and_content() {
        let tag = whole("\"v3\"", b"{}");
        assert!(tag.starts_with("\"v3-") && tag.ends_with('"'), "{tag}");
        assert_ne!(tag, whole("\"v3\"", b"[]"));
        assert_eq!(version_of(&tag), Some(Some(3)));
        for (known, among) in [
            (tag.clone(), true),
            (format!("W/{tag}"), true),
            (format!("\"x\", {tag}"), true),
            ("*".into(), true),
            ("\"v3\"".into(), false),
        ] {
            assert_eq!(is_among(&tag, &known), among, "{known}");
        }
    }

    #[test]
    fn an_if_match_names_a_version() {
        for (tag, version) in [
            ("\"v3\"", Some(Some(3))),
            ("W/\"v3\"", Some(Some(3))),
            ("*", Some(None)),
            ("\"other\"", Some(Some(-1))),
            ("\"\"", Some(Some(-1))),
            ("3", None),
            ("\"v3", None),
            ("\"v1\", \"v2\"", None),
        ] {
            assert_eq!(version_of(tag), version, "{tag}");
        }
    }
}
