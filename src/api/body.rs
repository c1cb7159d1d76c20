//! JSON bodies: read as a whole up to a limit, and refused with the name of the field that doesn't fit.

use super::call::IDEMPOTENCY_KEY;
use super::problem::Problem;
use super::retries::BodyDigest;
use super::words::{missing, sentence};
use crate::error::Error;
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};
use std::future::Future;
use std::pin::Pin;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

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
        let request = request.clone();
        Box::pin(async move {
            if !json {
                return Err(Problem(Error::UnsupportedMedia("Send JSON, with Content-Type: application/json.".into())));
            }
            let bytes = whole(bytes.await)?;
            if request.headers().contains_key(IDEMPOTENCY_KEY) {
                request.extensions_mut().insert(BodyDigest(Sha256::digest(&bytes).to_vec()));
            }
            read(&bytes).map(Body).map_err(Problem)
        })
    }
}

/// The bytes of a body, once they are all there: neither too many nor cut off.
///
/// # Errors
/// A body over the limit; one that ended early, or isn't compressed as it says.
pub fn whole(bytes: Result<web::Bytes, actix_web::Error>) -> Result<web::Bytes, Problem> {
    let too_large = || Problem(Error::TooLarge("A body is at most 1 MiB.".into()));
    let bytes = bytes.map_err(|fault| match fault.as_response_error().status_code() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => Problem(Error::Malformed(
            "The body can't be read: it ended early, or isn't compressed as its Content-Encoding says.".into(),
        )),
    })?;
    if bytes.len() > MOST { Err(too_large()) } else { Ok(bytes) }
}

/// Reads JSON: what is no JSON is malformed, what has a wrong field names it.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    // A list would be taken for the fields of an object, in the order of their declaration.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(Error::field("", "Send one JSON object, not a list."));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(refused)?;
    deserializer.end().map_err(|error| Error::Malformed(format!("The body is no JSON: {error}.")))?;
    Ok(value)
}

/// Reads a part of a body that was read as JSON already.
///
/// # Errors
/// The field that doesn't fit, by its path in that part.
pub fn read_value<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Error> {
    if !value.is_object() {
        return Err(Error::field("", "Send an object."));
    }
    serde_path_to_error::deserialize(value).map_err(refused)
}

fn refused(error: serde_path_to_error::Error<serde_json::Error>) -> Error {
    let path = error.path().to_string();
    let inner = error.into_inner();
    if !inner.is_data() {
        return Error::Malformed(format!("The body is no JSON: {inner}."));
    }
    let told = inner.to_string();
    let path = if path == "." { "" } else { &path };
    Error::field(missing(path, &told), sentence(without_position(&told)))
}

/// Tells a field that is `null` from one that is left out; for fields that can be taken away.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A field that may be left out, but not taken away.
pub fn never_null<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Described as what it may be: a decimal string, or a number.
impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        let kinds = SchemaType::from_iter([Type::String, Type::Number]);
        ObjectBuilder::new()
            .schema_type(kinds)
            .description(Some("An amount in major units: \"85.00\", or a number."))
            .pattern(Some(r"^-?\d{1,15}(\.\d{1,6})?$"))
            .build()
            .into()
    }
}

impl ToSchema for Amount {}

/// An amount as JSON has it, a decimal string or a number; its digits are kept as they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amount(pub String);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Self(text)),
            serde_json::Value::Number(number) => Ok(Self(number.to_string())),
            _ => Err(D::Error::custom("expected an amount as text, such as \"85.00\"")),
        }
    }
}

fn without_position(message: &str) -> &str {
    message.rfind(" at line ").map_or(message, |end| &message[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_keeps_its_digits() {
        for (json, digits) in
            [(r#""85.00""#, Some("85.00")), ("85.10", Some("85.10")), ("1", Some("1")), ("[1]", None), ("null", None)]
        {
            let amount = serde_json::from_str::<Amount>(json).ok();
            assert_eq!(amount.as_ref().map(|amount| amount.0.as_str()), digits, "{json}");
        }
    }

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
        assert_eq!(field(r#"{"lists": []}"#), "name");
        assert_eq!(field(r#" ["A", [1]]"#), "");
        assert_eq!(field(r#"{"name": "A", "nmae": 1}"#), "nmae");
        for text in ["", "{", r#"{"name": "A"} x"#, "{'name': 1}"] {
            assert!(matches!(read(text), Err(Error::Malformed(_))), "{text}");
        }
    }
}
