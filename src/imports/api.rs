//! `POST /admin/imports` and `GET /admin/imports/{id}` (SPEC 11): the same imports as the console's, without questions.

use super::actions::tasks::{Sent, begin, receive};
use super::kept::Kept;
use super::store::tasks as store;
use super::task::{Options, Task};
use super::upload;
use crate::api::call::{Call, IDEMPOTENCY_KEY};
use crate::api::problem::Problem;
use crate::api::query::{Params, with_fields};
use crate::api::reply::Reply;
use crate::api::retries::BodyDigest;
use crate::auth::role::Permission;
use crate::error::{Error, Result};
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

/// The routes of the calls, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/imports").route(web::post().to(send)))
        .service(web::resource("/imports/{id}").route(web::get().to(get)));
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(send, get))]
pub struct Calls;

/// What is asked for, in the address or as fields before the file.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Asked {
    /// What the rows are: `groups`, `organizations`, `customers`, `products`, `orders`, `price-lists`,
    /// `price-list-entries`, `group-price-lists` or `memberships`. Left out, it is told by the columns.
    kind: Option<String>,
    /// What the file is called in the history; a form's file has its own name.
    #[serde(alias = "file_name")]
    file_name: Option<String>,
    /// `true`: the file is checked, and nothing is changed.
    #[serde(alias = "dry_run")]
    dry_run: Option<String>,
    /// `true`: the good rows are taken although others are bad. Otherwise one bad row refuses the file.
    #[serde(alias = "good_rows")]
    good_rows: Option<String>,
    /// What is made where the rows name it and it isn't there, such as `customers,products`.
    #[serde(alias = "create_missing")]
    create_missing: Option<String>,
    /// Columns of the file that are called otherwise here: `InvoiceNo=order_number,StockCode=sku`; `Note=-` leaves one out.
    map: Option<String>,
    /// Values of columns that the file doesn't have: `currency=EUR,status=completed`.
    set: Option<String>,
}

impl Asked {
    fn sent(&self, name: String) -> Result<(Sent, bool)> {
        let kind = self.kind.as_deref().filter(|kind| !kind.is_empty());
        let kind = kind.map(|kind| kind.parse().map_err(|text: String| Error::field("kind", text))).transpose()?;
        let create = self.create_missing.as_deref().unwrap_or_default().split(',').map(str::trim);
        let options = Options {
            map: pairs("map", self.map.as_deref())?,
            set: pairs("set", self.set.as_deref())?,
            create: create.filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            good_rows: flag("goodRows", self.good_rows.as_deref())?,
        };
        let name = self.file_name.clone().unwrap_or(name);
        Ok((Sent { name, kind, options }, flag("dryRun", self.dry_run.as_deref())?))
    }
}

fn flag(field: &str, text: Option<&str>) -> Result<bool> {
    match text {
        None | Some("" | "false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Error::field(field, format!("{field} is true or false."))),
    }
}

/// `InvoiceNo=order_number,StockCode=sku`
fn pairs(field: &str, text: Option<&str>) -> Result<Vec<(String, String)>> {
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.trim().to_owned())),
        _ => Err(Error::field(field, format!("{field} is a list like a=b,c=d."))),
    };
    text.unwrap_or_default().split(',').filter(|text| !text.trim().is_empty()).map(pair).collect()
}

/// A file in a form; the parameters may stand before it as fields of their names.
#[derive(ToSchema)]
#[schema(as = ImportForm)]
struct FileForm {
    #[schema(value_type = String, format = Binary)]
    #[expect(dead_code, reason = "describes the form; it is read piece by piece")]
    file: Vec<u8>,
}

/// How far an import is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Import)]
struct Shape {
    id: Uuid,
    kind: &'static str,
    file: String,
    /// `received`, `waiting` and `running` go on. `imported` is in, `tried` was a dry run, `refused` has bad rows: nothing of
    /// it is in. `failed` and `interrupted` changed nothing either, `discarded` was put aside.
    status: &'static str,
    dry_run: bool,
    rows_read: i64,
    bytes: i64,
    bytes_read: i64,
    /// Why it failed.
    fault: Option<String>,
    /// What came of it: rows, `created`, `updated` and `unchanged` (of a refused or tried one: what would have), bad rows
    /// by reason, the first of them, and what the columns were read as.
    #[schema(value_type = Option<Object>)]
    report: Option<Kept>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
}

impl From<Task> for Shape {
    fn from(task: Task) -> Self {
        Self {
            id: task.id,
            kind: task.kind.name(),
            file: task.file,
            status: task.stage.name(),
            dry_run: task.dry_run,
            rows_read: task.rows_read,
            bytes: task.bytes,
            bytes_read: task.bytes_read,
            fault: task.fault,
            report: task.report,
            created_at: task.created_at,
            started_at: task.started_at,
            ended_at: task.ended_at,
        }
    }
}

/// Takes a file in: CSV, plain or gzip, as the body, or in a form with its fields before it.
///
/// It is answered when the file is here; what came of it is asked by its id. A second import of a file is an update. Of a
/// retry with the same `Idempotency-Key` the same file is expected, under the same name and with the same fields. A form's
/// fields have the names of the parameters, and stand before the field `file`.
#[utoipa::path(
    post,
    path = "/admin/imports",
    tag = "Imports",
    params(Asked),
    request_body(content((String = "text/csv"), (Vec<u8> = "application/gzip"), (FileForm = "multipart/form-data"))),
    responses((status = 202, body = Shape))
)]
async fn send(
    call: Call,
    request: HttpRequest,
    asked: Params<Asked>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    // Nobody fills the disk who may not import.
    call.clone().read(|_, actor| actor.require(Permission::Import)).await?;
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (asked, fields, file, name) = if kind.starts_with("multipart/form-data") {
        let form = upload::form(&request, body, |_| Ok(())).await?;
        let (file, name) = form.file.ok_or_else(|| Error::field("file", "Send the file as the field file."))?;
        (with_fields(&request, &form.fields)?, form.fields, file, name)
    } else {
        (asked.into_inner(), Vec::new(), upload::raw(body).await?, "body.csv".to_owned())
    };
    let mut file = match request.headers().contains_key(IDEMPOTENCY_KEY) {
        true => {
            let (file, digest) = upload::digest(file, fields, name.clone()).await?;
            request.extensions_mut().insert(BodyDigest(digest));
            file
        }
        false => file,
    };
    let (sent, dry_run) = asked.sent(name)?;
    call.once(move |conn, actor, now| {
        let received = receive(conn, &mut file, sent, actor, now);
        let task = received.map_err(|error| error.with_names(&[("create_missing", "createMissing")]))?;
        let task = begin(conn, task.id, None, dry_run, actor)?;
        Reply::taken_on(format!("/admin/imports/{}", task.id), &Shape::from(task))
    })
    .await
}

/// How far an import is, and its report.
#[utoipa::path(get, path = "/admin/imports/{id}", tag = "Imports", responses((status = 200, body = Shape)))]
async fn get(call: Call, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id: Uuid = id.parse().map_err(|_| Error::NotFound("There is no such import.".into()))?;
    let task = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            store::get(conn, id)
        })
        .await?;
    Ok(HttpResponse::Ok().json(Shape::from(task)))
}
