//! What a call answers that is done once: it is kept with the key of the call, and given again to a retry.

use super::call::entity_tag;
use crate::error::{Error, Result};
use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use serde::Serialize;
use uuid::Uuid;

/// A JSON answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// 200, 201 or 202.
    pub status: u16,
    /// Where the new thing is.
    pub location: Option<String>,
    /// The version that it has now.
    pub etag: Option<String>,
    /// JSON.
    pub body: String,
}

impl Reply {
    /// It is done: 200.
    ///
    /// # Errors
    /// What can't be JSON.
    pub fn done(body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_string(body).map_err(Error::internal)?;
        Ok(Self { status: 200, location: None, etag: None, body })
    }

    /// Something new is made in a collection: 201, with its address and version.
    ///
    /// # Errors
    /// What can't be JSON.
    pub fn made(collection: &str, id: Uuid, version: i32, body: &impl Serialize) -> Result<Self> {
        Ok(Self { location: Some(format!("{collection}/{id}")), ..Self::done(body)? }.created(true).of_version(version))
    }

    /// It is taken on, and will be done: 202, with the address that tells how far it is.
    ///
    /// # Errors
    /// What can't be JSON.
    pub fn taken_on(location: String, body: &impl Serialize) -> Result<Self> {
        Ok(Self { status: 202, location: Some(location), ..Self::done(body)? })
    }

    /// 201 where something was made, 200 where it was there already.
    pub fn created(self, new: bool) -> Self {
        Self { status: if new { 201 } else { 200 }, ..self }
    }

    /// With the version that the thing has now.
    pub fn of_version(self, version: i32) -> Self {
        Self { etag: Some(entity_tag(version).1), ..self }
    }

    /// As it is sent.
    pub fn response(self) -> HttpResponse {
        let mut response = HttpResponse::build(StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK));
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(etag) = self.etag {
            response.insert_header((header::ETAG, etag));
        }
        response.content_type("application/json").body(self.body)
    }
}
