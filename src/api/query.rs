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
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let path = error.path().to_string();
        let told = error.into_inner().to_string();
        Error::field(missing(if path == "." { "" } else { &path }, &told), sentence(&told))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
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
}
