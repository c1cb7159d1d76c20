//! Rendered templates as responses.

use crate::error::{Error, Result};
use crate::web::htmx::VARY;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

/// A page or a region of one: 200.
pub fn page(template: &impl Template) -> Result<HttpResponse> {
    html(StatusCode::OK, template)
}

/// A form again, with its values and what is wrong with them: 422.
pub fn refused(template: &impl Template) -> Result<HttpResponse> {
    html(StatusCode::UNPROCESSABLE_ENTITY, template)
}

/// A template under any status. The answer depends on what htmx asks for, and says so.
pub fn html(status: StatusCode, template: &impl Template) -> Result<HttpResponse> {
    let body = template.render().map_err(Error::internal)?;
    Ok(HttpResponse::build(status).insert_header(VARY).content_type("text/html; charset=utf-8").body(body))
}

/// The text as a path on this site, where it is one: what a `next` parameter may send a browser to. Anything that a
/// browser could read as another site is `None`.
pub fn local_path(text: &str) -> Option<&str> {
    let local = text.starts_with('/')
        && !text[1..].starts_with(['/', '\\'])
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    local.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_on_this_site_are_followed() {
        for (text, followed) in [
            ("/", true),
            ("/groups?q=a%20b&sort=name", true),
            ("", false),
            ("groups", false),
            ("//evil.test", false),
            ("/\\evil.test", false),
            ("/a\\b", false),
            ("https://evil.test/", false),
            ("/\r\nSet-Cookie:x", false),
            ("/a b", false),
        ] {
            assert_eq!(local_path(text).is_some(), followed, "{text:?}");
        }
    }
}
