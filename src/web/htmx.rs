//! What htmx says about a request, and how it is answered: the same address gives the page, or the region of it that
//! htmx will put in place.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use std::convert::Infallible;
use std::future::{Ready, ready};

/// The request headers that decide between page and region; a cache in between must know.
pub const VARY: (HeaderName, &str) =
    (header::VARY, "HX-Request, HX-Request-Type, HX-Target, HX-History-Restore-Request");

/// What htmx says about a request. All empty for a plain one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hx {
    /// htmx asks, not the browser itself.
    pub request: bool,
    /// Only a part of the page will be replaced.
    pub partial: bool,
    /// The id of the element that the answer goes into.
    pub target: Option<String>,
    /// A link or form that htmx follows in the browser's place.
    pub boosted: bool,
    /// Path and query of the page that the person looks at.
    pub current: Option<String>,
}

impl Hx {
    /// Reads the headers of htmx 4.
    pub fn of(request: &HttpRequest) -> Self {
        let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let yes = |name: &str| text(name) == Some("true");
        if !yes("hx-request") {
            return Self::default();
        }
        Self {
            request: true,
            // Going back in history restores the whole page, whatever was swapped when it was left.
            partial: text("hx-request-type") == Some("partial") && !yes("hx-history-restore-request"),
            target: text("hx-target").and_then(|target| target.split_once('#')).map(|(_, id)| id.to_owned()),
            boosted: yes("hx-boosted"),
            current: text("hx-current-url").and_then(path_and_query),
        }
    }

    /// Whether the answer is the region with this id alone, without the page around it.
    pub fn wants(&self, region: &str) -> bool {
        self.partial && self.target.as_deref() == Some(region)
    }

    /// Sends the browser to another page: 303 for a plain request, htmx's own header for one of htmx, which would
    /// otherwise put that page into its target.
    pub fn see_other(&self, to: &str) -> HttpResponse {
        if self.request {
            HttpResponse::Ok().insert_header(("HX-Redirect", to)).finish()
        } else {
            HttpResponse::build(StatusCode::SEE_OTHER).insert_header((header::LOCATION, to)).finish()
        }
    }
}

impl FromRequest for Hx {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

fn path_and_query(url: &str) -> Option<String> {
    let uri: actix_web::http::Uri = url.parse().ok()?;
    Some(uri.path_and_query()?.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn hx(headers: &[(&str, &str)]) -> Hx {
        let mut request = TestRequest::get();
        for header in headers {
            request = request.insert_header(*header);
        }
        Hx::of(&request.to_http_request())
    }

    #[test]
    fn a_region_is_given_only_to_who_asks_for_it() {
        let asks = ("hx-request", "true");
        let partial = ("hx-request-type", "partial");
        for (headers, wants) in [
            (vec![], false),
            (vec![("hx-target", "div#results"), partial], false),
            (vec![asks, partial, ("hx-target", "div#results")], true),
            (vec![asks, partial, ("hx-target", "div#other")], false),
            (vec![asks, partial, ("hx-target", "div")], false),
            (vec![asks, ("hx-request-type", "full"), ("hx-target", "div#results")], false),
            (vec![asks, partial, ("hx-target", "div#results"), ("hx-history-restore-request", "true")], false),
        ] {
            assert_eq!(hx(&headers).wants("results"), wants, "{headers:?}");
        }
    }

    #[test]
    fn the_current_page_is_known_by_path_and_query_only() {
        let of = |url| hx(&[("hx-request", "true"), ("hx-current-url", url)]).current;
        assert_eq!(of("https://shop.test/groups?q=a%20b").as_deref(), Some("/groups?q=a%20b"));
        assert_eq!(of("https://shop.test").as_deref(), Some("/"));
        assert_eq!(of("not an address"), None);
    }

    #[test]
    fn another_page_is_a_redirect_or_htmxs_header() {
        let plain = Hx::default().see_other("/groups");
        assert_eq!(plain.status(), StatusCode::SEE_OTHER);
        assert_eq!(plain.headers().get("location").unwrap(), "/groups");
        let htmx = hx(&[("hx-request", "true")]).see_other("/groups");
        assert_eq!(htmx.status(), StatusCode::OK);
        assert_eq!(htmx.headers().get("hx-redirect").unwrap(), "/groups");
    }
}
