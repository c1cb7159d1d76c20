//! What stands in an address behind the question mark: read strictly, and refused with the name of the parameter.

use super::problem::Problem;
use super::words::{missing, sentence};
use crate::error::Error;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};
use std::ops::Deref;

/// The parameters of a call as `T`. A parameter that `T` doesn't know is refused by its name: a filter that is
/// misspelt would otherwise answer with everything (docs/adr/0020).
#[derive(Debug)]
pub struct Params<T>(T);

impl<T> Params<T> {
    /// The parameters themselves.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Params<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Params<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.query_string()).map(Self).map_err(Problem))
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| refused(&error.path().to_string(), &error.into_inner()))
}

fn refused(path: &str, told: &impl ToString) -> Error {
    let told = told.to_string();
    Error::field(missing(if path == "." { "" } else { path }, &told), sentence(&told))
}

/// What stands in the address of a form and in the form itself, as one: each thing is said once.
///
/// # Errors
/// As those of [`Params`]: the field that isn't known, doesn't fit, or is there twice.
pub fn with_fields<T: DeserializeOwned>(request: &HttpRequest, fields: &[(String, String)]) -> Result<T, Error> {
    let address = form_urlencoded::parse(request.query_string().as_bytes());
    let address = address.map(|(name, value)| (name.into_owned(), value.into_owned()));
    let mut all = serde_json::Map::new();
    for (name, value) in address.chain(fields.iter().cloned()) {
        if all.insert(name.clone(), value.into()).is_some() {
            return Err(Error::field(&name, format!("{name} is there twice. Send it once.")));
        }
    }
    let all = serde_json::Value::Object(all);
    serde_path_to_error::deserialize(all).map_err(|error| refused(&error.path().to_string(), &error.into_inner()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        #[serde(default)]
        q: String,
        explain: Option<bool>,
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let wanted = read::<Wanted>("q=a%20b&explain=true").unwrap();
        assert_eq!((wanted.q.as_str(), wanted.explain), ("a b", Some(true)));
        for (text, field) in [("quu=1", "quu"), ("explain=maybe", "explain"), ("q=1&q=2", "q")] {
            match read::<Wanted>(text) {
                Err(Error::Invalid(errors)) => assert_eq!(errors[0].field, field, "{text}: {errors:?}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sent {
        kind: Option<String>,
        name: Option<String>,
    }

    #[test]
    fn a_form_and_its_address_are_one() {
        let read = |address: &str, fields: &[(&str, &str)]| {
            let request = TestRequest::with_uri(&format!("/x?{address}")).to_http_request();
            let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            with_fields::<Sent>(&request, &fields)
        };
        let sent = read("kind=orders", &[("name", "a&b=c")]).unwrap();
        assert_eq!((sent.kind.as_deref(), sent.name.as_deref()), (Some("orders"), Some("a&b=c")));
        for (address, fields, field) in [
            ("", &[("colour", "red")][..], "colour"),
            ("kind=orders", &[("kind", "orders")], "kind"),
            ("", &[("name", "a"), ("name", "b")], "name"),
            ("kynd=orders", &[], "kynd"),
        ] {
            match read(address, fields) {
                Err(Error::Invalid(errors)) => assert_eq!(errors[0].field, field, "{address}: {errors:?}"),
                other => panic!("{address}: {other:?}"),
            }
        }
    }
}
