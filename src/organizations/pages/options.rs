//! Organizations for a field that chooses one.

use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::organizations::store::finding::{self, Found};
use crate::web::errors::PageError;
use crate::web::find::{FoundOption, Options};
use crate::web::respond;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

const HITS: i64 = 8;

#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

/// `GET /organizations/options`.
pub async fn options(db: web::Data<Db>, actor: Actor, asked: web::Query<Asked>) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let text: String = asked.q.chars().filter(|c| *c != '\0').take(120).collect();
    let found = db.read(move |conn| finding::search(conn, &text, HITS)).await?;
    let option = |one: Found| FoundOption { id: one.id.to_string(), label: one.name, hint: one.code };
    Ok(respond::page(&Options { options: found.into_iter().map(option).collect() })?)
}
