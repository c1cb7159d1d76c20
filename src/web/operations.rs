//! What machines ask about this one (SPEC 14): whether it lives, whether it can work, what it counts.

use crate::config::Secret;
use crate::db::{Db, migrations};
use crate::error::Error;
use crate::metrics;
use crate::web::errors::PageError;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use subtle::ConstantTimeEq;

/// Who brings this along may read the counts.
#[derive(Clone, Debug)]
pub struct MetricsToken(pub Option<Secret>);

/// The routes.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/healthz", web::get().to(alive))
        .route("/readyz", web::get().to(ready))
        .route("/metrics", web::get().to(counts));
}

/// `GET /healthz`: the program answers.
async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`: the program can do its work. The database answers and has this program's schema.
async fn ready(db: web::Data<Db>) -> HttpResponse {
    let (mut response, text) = match db.read(migrations::pending).await {
        Ok(pending) if pending.is_empty() => (HttpResponse::Ok(), "ready\n".to_owned()),
        Ok(pending) => (HttpResponse::ServiceUnavailable(), format!("migrations pending: {}\n", pending.join(", "))),
        Err(fault) => {
            tracing::warn!(%fault, "not ready");
            (HttpResponse::ServiceUnavailable(), "the database does not answer\n".to_owned())
        }
    };
    response.content_type("text/plain; charset=utf-8").body(text)
}

/// `GET /metrics`: what this node counted, for whoever may know. To others it isn't there.
async fn counts(
    db: web::Data<Db>,
    token: web::Data<MetricsToken>,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    if !may_read(&request, token.0.as_ref()) {
        return Err(Error::NotFound("There is no such page.".into()).into());
    }
    let (there, idle) = db.connections();
    let text = metrics::text(there, idle, db.size()).map_err(Error::internal)?;
    Ok(HttpResponse::Ok().content_type("application/openmetrics-text; version=1.0.0; charset=utf-8").body(text))
}

/// With a token, who brings it along; without one, the machine itself, unless it asks on somebody else's behalf.
fn may_read(request: &HttpRequest, token: Option<&Secret>) -> bool {
    let text = |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    match token {
        Some(token) => text(header::AUTHORIZATION)
            .and_then(|value| value.strip_prefix("Bearer "))
            .is_some_and(|sent| sent.as_bytes().ct_eq(token.expose().as_bytes()).into()),
        None => {
            let on_behalf = ["x-forwarded-for", "forwarded", "x-real-ip"];
            request.peer_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback())
                && !on_behalf.iter().any(|name| request.headers().contains_key(*name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ServeConfig;
    use actix_web::test::TestRequest;

    fn asks(peer: &str, headers: &[(&str, &str)], token: Option<&str>) -> bool {
        let mut request = TestRequest::get().peer_addr(peer.parse().unwrap());
        for header in headers {
            request = request.insert_header(*header);
        }
        let variable = |name: &str| (name == "METRICS_TOKEN").then(|| token.unwrap_or_default().to_owned());
        let config = ServeConfig::read(&variable).unwrap();
        may_read(&request.to_http_request(), config.metrics_token.as_ref())
    }

    #[test]
    fn counts_are_for_the_machine_itself_or_the_token() {
        let token = Some("sixteen letters at least");
        let bearer = ("authorization", "Bearer sixteen letters at least");
        for (peer, headers, token, may) in [
            ("127.0.0.1:5000", vec![], None, true),
            ("[::1]:5000", vec![], None, true),
            ("[::ffff:127.0.0.1]:5000", vec![], None, true),
            ("10.0.0.1:5000", vec![], None, false),
            ("127.0.0.1:5000", vec![("x-forwarded-for", "10.0.0.1")], None, false),
            ("127.0.0.1:5000", vec![], token, false),
            ("10.0.0.1:5000", vec![bearer], token, true),
            ("10.0.0.1:5000", vec![("authorization", "Bearer sixteen letters at last")], token, false),
            ("10.0.0.1:5000", vec![bearer], None, false),
        ] {
            assert_eq!(asks(peer, &headers, token), may, "{peer} {headers:?} {token:?}");
        }
        assert!(ServeConfig::read(&|name| (name == "METRICS_TOKEN").then(|| "short".into())).is_err());
    }
}
