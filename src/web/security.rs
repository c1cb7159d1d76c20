//! What every response tells the browser not to do.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;

/// Scripts, styles and connections only from here, nothing inline, no frame around us, forms only to us. `data:`
/// images are the small glyphs (arrows, ticks) inside Tabler's style sheet.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

const PERMISSIONS_POLICY: &str =
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=(), interest-cohort=()";

/// The headers of every response, by name. `Cache-Control` is only the default: pages are personal, so a browser
/// keeps no copy; static files say otherwise for themselves.
pub const SECURITY_HEADERS: [(HeaderName, &str); 9] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("x-permitted-cross-domain-policies"), "none"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Middleware that sets [`SECURITY_HEADERS`] on every response, errors included, unless the response has said it
/// already. It must be the outermost one (the last `.wrap`).
pub async fn security_headers<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    match next.call(request).await {
        Ok(mut response) => {
            complete(response.headers_mut());
            Ok(response)
        }
        Err(error) => {
            let mut response = error.error_response();
            complete(response.headers_mut());
            Err(InternalError::from_response(error, response).into())
        }
    }
}

fn complete(headers: &mut HeaderMap) {
    for (name, value) in SECURITY_HEADERS {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{App, HttpResponse, error, middleware::from_fn, test, web};

    #[actix_web::test]
    async fn every_response_carries_them() {
        let app = test::init_service(
            App::new()
                .wrap(from_fn(|request: ServiceRequest, next: Next<_>| async move {
                    if request.path() == "/refused" {
                        return Err(error::ErrorForbidden("no"));
                    }
                    next.call(request).await
                }))
                .wrap(from_fn(security_headers))
                .route("/page", web::get().to(HttpResponse::Ok))
                .route("/broken", web::get().to(async || Err::<String, _>(error::ErrorInternalServerError("x"))))
                .route(
                    "/file",
                    web::get()
                        .to(async || HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public")).finish()),
                ),
        )
        .await;
        for (path, cache) in [
            ("/page", "no-store"),
            ("/broken", "no-store"),
            ("/nowhere", "no-store"),
            ("/refused", "no-store"),
            ("/file", "public"),
        ] {
            let headers = match test::try_call_service(&app, test::TestRequest::get().uri(path).to_request()).await {
                Ok(response) => response.headers().clone(),
                Err(error) => error.error_response().headers().clone(),
            };
            assert_eq!(headers.get("content-security-policy").unwrap(), CONTENT_SECURITY_POLICY, "{path}");
            assert_eq!(headers.get("x-content-type-options").unwrap(), "nosniff", "{path}");
            assert_eq!(headers.get("cache-control").unwrap(), cache, "{path}");
        }
    }

    #[test]
    async fn the_policy_allows_nothing_inline() {
        assert!(!CONTENT_SECURITY_POLICY.contains("unsafe"));
        assert!(!CONTENT_SECURITY_POLICY.contains('*'));
        assert!(CONTENT_SECURITY_POLICY.starts_with("default-src 'none'"));
    }
}
