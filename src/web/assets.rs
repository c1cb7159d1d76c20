//! Style sheets, scripts and icons: embedded by `build.rs`, served under names that carry their content's hash, so
//! that a browser keeps them for good and a new build is seen at once.

use actix_web::http::header::{self, AcceptEncoding, ETag, EntityTag, Header as _, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::filters::Safe;

/// A static file with its compressed forms.
#[derive(Debug)]
struct Asset {
    name: &'static str,
    path: &'static str,
    hash: &'static str,
    content_type: &'static str,
    plain: &'static [u8],
    brotli: &'static [u8],
    gzip: &'static [u8],
}

static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The names that [`icon`] knows, one a line; `build.rs` puts exactly these into the sprite.
const ICONS: &str = include_str!("../../static/icons.txt");

/// The address of a static file, for templates: `app.css` gives `/assets/app.<hash>.css`. A name that doesn't exist
/// gives an address that answers 404; a test over the templates keeps that from happening.
pub fn asset(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("/assets/missing", |asset| asset.path)
}

/// An icon beside a text, in the text's colour and hidden from screen readers: the text says what it means.
pub fn icon(name: &str) -> Safe<String> {
    if ICONS.lines().any(|known| known == name) {
        let sprite = asset("icons.svg");
        Safe(format!(r##"<svg class="icon" aria-hidden="true"><use href="{sprite}#{name}"></use></svg>"##))
    } else {
        Safe(String::new())
    }
}

/// Serves `/assets/…`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/assets/{file}").route(web::get().to(serve)).route(web::head().to(serve)));
}

async fn serve(request: HttpRequest) -> HttpResponse {
    let Some(asset) = ASSETS.iter().find(|asset| asset.path == request.path()) else {
        return HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("There is no such file.");
    };
    let (encoding, body) = negotiate(&request, asset);
    let tag = EntityTag::new_strong(format!("{}{}", asset.hash, encoding.unwrap_or_default()));
    let mut response = HttpResponse::Ok();
    response
        .insert_header(ETag(tag.clone()))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::VARY, "Accept-Encoding"));
    if has_already(&request, &tag) {
        return response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish();
    }
    if let Some(encoding) = encoding {
        response.insert_header((header::CONTENT_ENCODING, encoding));
    }
    response.insert_header((header::CONTENT_TYPE, asset.content_type)).body(body)
}

/// The smallest form that the browser takes, and the name of its encoding.
fn negotiate(request: &HttpRequest, asset: &'static Asset) -> (Option<&'static str>, &'static [u8]) {
    use actix_web::http::header::{ContentEncoding, Encoding};
    let offered = [Encoding::brotli(), Encoding::gzip(), Encoding::identity()];
    // No such header means no wish: curl, health checks.
    let chosen = match AcceptEncoding::parse(request) {
        Ok(accept) if request.headers().contains_key(header::ACCEPT_ENCODING) => accept.negotiate(offered.iter()),
        _ => None,
    };
    match chosen {
        Some(Encoding::Known(ContentEncoding::Brotli)) => (Some("br"), asset.brotli),
        Some(Encoding::Known(ContentEncoding::Gzip)) => (Some("gzip"), asset.gzip),
        _ => (None, asset.plain),
    }
}

fn has_already(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|item| item.weak_eq(tag)),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{App, http::StatusCode, test};
    use std::io::Read as _;
    use std::path::{Path, PathBuf};

    async fn get(path: &str, headers: &[(&str, &str)]) -> (StatusCode, header::HeaderMap, Vec<u8>) {
        let app = test::init_service(App::new().configure(routes)).await;
        let mut request = test::TestRequest::get().uri(path);
        for header in headers {
            request = request.insert_header(*header);
        }
        let response = test::call_service(&app, request.to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        (status, headers, test::read_body(response).await.to_vec())
    }

    #[actix_web::test]
    async fn a_file_comes_compressed_as_the_browser_wishes_and_stays_cached() {
        for (accept, encoding) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip", Some("gzip")),
            ("br;q=0, gzip", Some("gzip")),
            ("identity", None),
        ] {
            let (status, headers, body) = get(asset("app.css"), &[("accept-encoding", accept)]).await;
            assert_eq!(status, StatusCode::OK, "{accept}");
            assert_eq!(headers.get("content-encoding").map(|v| v.to_str().unwrap()), encoding, "{accept}");
            assert_eq!(headers.get("content-type").unwrap(), "text/css; charset=utf-8");
            assert_eq!(headers.get("cache-control").unwrap(), "public, max-age=31536000, immutable");
            assert_eq!(headers.get("vary").unwrap(), "Accept-Encoding");
            let plain = match encoding {
                Some("gzip") => {
                    let mut text = Vec::new();
                    flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut text).unwrap();
                    text
                }
                Some(_) => continue,
                None => body,
            };
            assert!(String::from_utf8(plain).unwrap().contains("--tblr-"), "{accept}");
        }
    }

    #[actix_web::test]
    async fn who_has_it_gets_nothing_twice() {
        let (_, headers, _) = get(asset("app.js"), &[("accept-encoding", "br")]).await;
        let tag = headers.get("etag").unwrap().to_str().unwrap().to_owned();
        let (status, _, body) = get(asset("app.js"), &[("accept-encoding", "br"), ("if-none-match", &tag)]).await;
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
        let (status, ..) = get(asset("app.js"), &[("accept-encoding", "gzip"), ("if-none-match", &tag)]).await;
        assert_eq!(status, StatusCode::OK, "the gzip form has a tag of its own");
    }

    #[actix_web::test]
    async fn an_unknown_file_is_not_found() {
        for path in ["/assets/app.css", "/assets/app.0000000000000000.css", "/assets/..%2fCargo.toml"] {
            assert_eq!(get(path, &[]).await.0, StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[actix_web::test]
    async fn a_first_visit_is_light() {
        let wire: usize = ASSETS.iter().map(|asset| asset.brotli.len()).sum();
        assert!(wire < 180 * 1024, "all static files together are {wire} bytes, of 200 KB with the page");
    }

    fn templates(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { templates(&path, found) } else { found.push(path) }
        }
    }

    #[test]
    async fn templates_use_only_icons_and_files_that_exist_and_no_inline_style_or_script() {
        let mut found = Vec::new();
        templates(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), &mut found);
        assert!(!found.is_empty());
        for path in found {
            let text = std::fs::read_to_string(&path).unwrap();
            for (call, known) in [("icon(\"", false), ("asset(\"", true)] {
                for name in text.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
                    let exists =
                        if known { asset(name) != "/assets/missing" } else { ICONS.lines().any(|i| i == name) };
                    assert!(exists, "{}: there is no {name}", path.display());
                }
            }
            for refused in [" style=", "<style", "<script>", " onclick=", " hx-on", "js:", "javascript:"] {
                assert!(!text.contains(refused), "{}: the content security policy refuses {refused}", path.display());
            }
        }
    }
}
