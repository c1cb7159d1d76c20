//! Pages, answers and downloads, compressed.
//!
//! actix has a middleware for this; it takes every body for a stream without an end: for a page of 20 kB it allocates and
//! clears a window of 4 MB, on another thread, and sends what comes out in two parts (docs/benchmarks.md). This one packs
//! what is there as a whole in one go, in a window of its size.

use actix_web::body::{BodyStream, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use brotli::CompressorWriter;
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream::{self, Stream};
use std::future::poll_fn;
use std::io::Write;
use std::mem::take;

/// What is smaller than this fits into a packet as it is.
const LEAST: usize = 1_000;
/// Brotli's effort: a third of a millisecond for the group list; one more takes half as long again for 7% less.
const QUALITY: i32 = 3;
/// The logarithm of brotli's window: 64 KiB, as much as most pages are long.
const WINDOW: i32 = 16;

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Brotli,
    Gzip,
}

/// What a client takes, and which it likes better.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Accepted {
    brotli: bool,
    gzip: bool,
    gzip_rather: bool,
}

impl Accepted {
    /// Reads an `Accept-Encoding` header.
    fn of(header: &str) -> Self {
        let weight = |name: &str| {
            let mut items = header.split(',').map(|item| item.split(';').map(str::trim));
            let mut item =
                items.find(|item| item.clone().next().is_some_and(|coding| coding.eq_ignore_ascii_case(name)))?;
            let weight = item.find_map(|part| part.strip_prefix("q="));
            weight.map_or(Some(1.0), |text| text.trim().parse::<f32>().ok()).filter(|weight| *weight > 0.0)
        };
        let (brotli, gzip) = (weight("br"), weight("gzip"));
        Self { brotli: brotli.is_some(), gzip: gzip.is_some(), gzip_rather: gzip > brotli }
    }

    /// The packing to use; `None` where the client takes neither.
    fn best(self) -> Option<Packing> {
        match self {
            Self { gzip: true, gzip_rather: true, .. } => Some(Packing::Gzip),
            Self { brotli: true, .. } => Some(Packing::Brotli),
            _ => None,
        }
    }
}

impl Packing {
    fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    fn pack(self, body: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut packed = Vec::with_capacity(body.len() / 4);
        match self {
            Self::Brotli => {
                let params = BrotliEncoderParams {
                    quality: QUALITY,
                    lgwin: WINDOW,
                    size_hint: body.len(),
                    ..BrotliEncoderParams::default()
                };
                let mut writer = CompressorWriter::with_params(&mut packed, 4096, &params);
                writer.write_all(body)?;
                // Its end is written when it goes.
                drop(writer);
            }
            Self::Gzip => {
                let mut writer = GzEncoder::new(&mut packed, Compression::fast());
                writer.write_all(body)?;
                writer.finish()?;
            }
        }
        Ok(packed)
    }
}

/// Middleware that compresses text: whole bodies as the client likes it best, streams with gzip.
pub async fn compressed<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<Bytes, BoxBody>>, actix_web::Error> {
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let accepted = Accepted::of(accepted.unwrap_or_default());
    let response = next.call(request).await?;
    Ok(response.map_body(|head, body| {
        if head.status == StatusCode::PARTIAL_CONTENT || !is_text(head.headers()) {
            return EitherBody::right(body.boxed());
        }
        let (packing, body) = match body.try_into_bytes() {
            Ok(body) if body.len() < LEAST => return EitherBody::left(body),
            Ok(body) => match accepted.best().and_then(|packing| Some((packing, packing.pack(&body).ok()?))) {
                Some((packing, packed)) => (Some(packing), EitherBody::left(Bytes::from(packed))),
                None => (None, EitherBody::left(body)),
            },
            Err(stream) if accepted.gzip => {
                (Some(Packing::Gzip), EitherBody::right(BodyStream::new(zipped(stream)).boxed()))
            }
            Err(stream) => (None, EitherBody::right(stream.boxed())),
        };
        head.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(packing) = packing {
            head.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(packing.name()));
        }
        body
    }))
}

/// A stream, packed piece by piece: each goes out when it is there.
fn zipped<B: MessageBody + 'static>(body: B) -> impl Stream<Item = Result<Bytes, Box<dyn std::error::Error>>> {
    let writer = GzEncoder::new(Vec::new(), Compression::fast());
    stream::try_unfold((Box::pin(body), Some(writer)), |(mut body, writer)| async move {
        let Some(mut writer) = writer else { return Ok(None) };
        match poll_fn(|context| body.as_mut().poll_next(context)).await {
            Some(piece) => {
                writer.write_all(&piece.map_err(Into::into)?)?;
                writer.flush()?;
                let packed = take(writer.get_mut());
                Ok(Some((Bytes::from(packed), (body, Some(writer)))))
            }
            None => Ok(Some((Bytes::from(writer.finish()?), (body, None)))),
        }
    })
}

/// Text that isn't compressed yet: static files are, from the start.
fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let text = kind.starts_with("text/") || kind.starts_with("application/json") || kind.contains("+json");
    text && !headers.contains_key(header::CONTENT_ENCODING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_and_read_body, call_service, init_service, read_body};
    use actix_web::{App, HttpResponse, web};
    use std::io::Read;

    fn unzipped(packed: &[u8]) -> String {
        let mut text = String::new();
        flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn the_better_packing_is_taken_of_those_accepted() {
        for (accepted, packing) in [
            ("gzip, deflate, br, zstd", Some(Packing::Brotli)),
            ("br", Some(Packing::Brotli)),
            ("GZIP", Some(Packing::Gzip)),
            ("gzip;q=1.0, br;q=0.5", Some(Packing::Gzip)),
            ("br;q=0, gzip;q=0.1", Some(Packing::Gzip)),
            ("br; q=0", None),
            ("identity", None),
            ("broken, brr, xgzip", None),
            ("", None),
            ("br;q=x", None),
        ] {
            assert_eq!(Accepted::of(accepted).best(), packing, "{accepted}");
        }
    }

    #[test]
    fn what_is_packed_comes_out_again() {
        let page = "<tr><td>Wholesale</td></tr>".repeat(500);
        let packed = Packing::Brotli.pack(page.as_bytes()).unwrap();
        let mut found = String::new();
        brotli::Decompressor::new(packed.as_slice(), 4096).read_to_string(&mut found).unwrap();
        assert!(found == page && packed.len() < 200);
        let packed = Packing::Gzip.pack(page.as_bytes()).unwrap();
        assert!(unzipped(&packed) == page && packed.len() < 500);
    }

    /// What an answer of so many bytes of this kind comes with: encoding, length, number of `Vary` headers.
    async fn answered(kind: &'static str, bytes: usize, accepted: &str) -> (Option<String>, usize, usize) {
        let body = move || async move { HttpResponse::Ok().content_type(kind).body("a".repeat(bytes)) };
        let app = init_service(App::new().route("/", web::get().to(body)).wrap(from_fn(compressed))).await;
        let request = TestRequest::get().insert_header((header::ACCEPT_ENCODING, accepted));
        let response = call_service(&app, request.to_request()).await;
        let encoding = response.headers().get(header::CONTENT_ENCODING).map(|v| v.to_str().unwrap().to_owned());
        let varies = response.headers().get_all(header::VARY).count();
        (encoding, read_body(response).await.len(), varies)
    }

    #[actix_web::test]
    async fn text_is_packed_and_the_rest_is_left_as_it_is() {
        for (kind, bytes, accepted, encoding) in [
            ("text/html; charset=utf-8", 5_000, "gzip, br", Some("br")),
            ("application/json", 5_000, "gzip", Some("gzip")),
            ("application/problem+json", LEAST, "br", Some("br")),
            ("text/html; charset=utf-8", 5_000, "identity", None),
        ] {
            let (found, length, varies) = answered(kind, bytes, accepted).await;
            assert_eq!((found.as_deref(), varies), (encoding, 1), "{kind} {accepted}");
            assert_eq!(length < bytes, encoding.is_some(), "{kind} {accepted}: {length}");
        }
        assert_eq!(answered("text/html", LEAST - 1, "br").await, (None, LEAST - 1, 0));
        assert_eq!(answered("image/png", 5_000, "br").await, (None, 5_000, 0));
    }

    #[actix_web::test]
    async fn what_is_packed_already_is_not_packed_again() {
        let body = || async {
            let packed = (header::CONTENT_ENCODING, "br");
            HttpResponse::Ok().content_type("text/css").insert_header(packed).body(vec![7; 5_000])
        };
        let app = init_service(App::new().route("/", web::get().to(body)).wrap(from_fn(compressed))).await;
        let request = TestRequest::get().insert_header((header::ACCEPT_ENCODING, "br")).to_request();
        assert_eq!(call_and_read_body(&app, request).await, vec![7; 5_000]);
    }

    #[actix_web::test]
    async fn a_stream_is_packed_piece_by_piece() {
        let pieces = || async {
            let pieces =
                ["a,b\n", "1,2\n"].map(|piece| Ok::<_, actix_web::Error>(Bytes::from_static(piece.as_bytes())));
            HttpResponse::Ok().content_type("text/csv").streaming(stream::iter(pieces))
        };
        let app = init_service(App::new().route("/", web::get().to(pieces)).wrap(from_fn(compressed))).await;
        let get = |accepted| TestRequest::get().insert_header((header::ACCEPT_ENCODING, accepted)).to_request();
        assert_eq!(unzipped(&call_and_read_body(&app, get("br, gzip")).await), "a,b\n1,2\n");
        assert_eq!(call_and_read_body(&app, get("br")).await, "a,b\n1,2\n");
    }
}
