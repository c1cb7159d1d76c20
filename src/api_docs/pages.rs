//! `/docs/api` and `/openapi.json`.

use super::reading::{Document, Section};
use crate::auth::role::{Actor, Permission};
use crate::error::Error;
use crate::web::errors::PageError;
use crate::web::query::Query;
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

const PATH: &str = "/docs/api";

/// The route of the reader.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/docs/api").route(web::get().to(show)));
}

/// A tab.
struct Tab {
    label: String,
    path: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "api_docs/show.html")]
struct ReaderPage {
    shell: Shell,
    tabs: Vec<Tab>,
    /// What holds for all calls; only on the first tab.
    about: Vec<String>,
    section: Section,
}

/// `GET /docs/api?section=…`
async fn show(
    document: web::Data<Document>,
    actor: Actor,
    shell: Shell,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let query = Query::new(PATH, request.query_string());
    let sections = &document.sections;
    let at = sections.iter().position(|section| section.name == query.get("section")).unwrap_or_default();
    let tab = |(other, section): (usize, &Section)| Tab {
        label: section.name.clone(),
        path: Query::new(PATH, "").with("section", &section.name).url(),
        current: other == at,
    };
    let page = ReaderPage {
        shell,
        tabs: sections.iter().enumerate().map(tab).collect(),
        about: if at == 0 { document.about.clone() } else { Vec::new() },
        section: sections.get(at).cloned().ok_or_else(no_section)?,
    };
    Ok(respond::page(&page)?)
}

fn no_section() -> PageError {
    PageError(Error::NotFound("There is no such section.".into()))
}

/// `GET /openapi.json`: the document itself, for everyone; it tells of nothing that is stored.
pub async fn json(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(document.json.clone())
}
