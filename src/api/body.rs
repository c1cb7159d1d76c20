//! JSON bodies: read as a whole up to a limit, and refused with the name of the field that doesn't fit.

use super::problem::Problem;
use crate::error::Error;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;
use std::future::Future;
use std::pin::Pin;

/// The most bytes of a body; the limit of the application's payload is higher.
const MOST: usize = 1024 * 1024;

/// A JSON body as `T`.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|kind| {
                let kind = kind.trim().to_ascii_lowercase();
                kind == "application/json" || kind.ends_with("+json")
            });
        let bytes = web::Bytes::from_request(request, payload);
        Box::pin(async move {
            if !json {
                return Err(Problem(Error::UnsupportedMedia("Send JSON, with Content-Type: application/json.".into())));
            }
            let too_large = || Problem(Error::TooLarge("A body is at most 1 MiB.".into()));
            let bytes = bytes.await.map_err(|_| too_large())?;
            if bytes.len() > MOST {
                return Err(too_large());
            }
            read(&bytes).map(Body).map_err(Problem)
        })
    }
}

/// Reads JSON: what is no JSON is malformed, what has a wrong field names it.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    // A list would be taken for the fields of an object, in the order of their declaration.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(Error::field("", "Send one JSON object, not a list."));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() {
            let path = if path == "." { String::new() } else { path };
            Error::field(path, format!("{}.", without_position(&inner.to_string())))
        } else {
            Error::Malformed(format!("The body is no JSON: {inner}."))
        }
    })?;
    deserializer.end().map_err(|error| Error::Malformed(format!("The body is no JSON: {error}.")))?;
    Ok(value)
}

fn without_position(message: &str) -> &str {
    message.rfind(" at line ").map_or(message, |end| &message[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Group {
        name: String,
        #[serde(default)]
        lists: Vec<u8>,
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let read = |text: &str| read::<Group>(text.as_bytes());
        let group = read(r#"{"name": "A", "lists": [1]}"#).unwrap();
        assert_eq!((group.name.as_str(), group.lists), ("A", vec![1]));
        let field = |text: &str| match read(text) {
            Err(Error::Invalid(fields)) => fields[0].field.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(field(r#"{"name": 5}"#), "name");
        assert_eq!(field(r#"{"name": "A", "lists": [1, "x"]}"#), "lists[1]");
        assert_eq!(field(r#"{"lists": []}"#), "");
        assert_eq!(field(r#" ["A", [1]]"#), "");
        assert_eq!(field(r#"{"name": "A", "nmae": 1}"#), "nmae");
        for text in ["", "{", r#"{"name": "A"} x"#, "{'name': 1}"] {
            assert!(matches!(read(text), Err(Error::Malformed(_))), "{text}");
        }
    }
}
