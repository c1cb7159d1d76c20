//! `POST /admin/pricing/customer-groups/{id}/rules/preview` and `…/rules/runs` (SPEC 13).

use crate::api::body::Body;
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::keyset::Place;
use crate::error::{Error, Result};
use crate::groups::group::GroupType;
use crate::groups::store::{self as groups, parse_id};
use crate::rules::actions;
use crate::rules::parse::Fault;
use crate::rules::rule::Rule;
use crate::rules::store::compile::{People, compile};
use crate::rules::store::preview::{self, Preview, Who};
use crate::rules::store::rules;
use crate::rules::store::runs::Run;
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

/// Customers in a preview's sample.
const SAMPLE: usize = 10;

/// The routes of the rule calls, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/pricing/customer-groups/{id}/rules/preview").route(web::post().to(preview)))
        .service(web::resource("/pricing/customer-groups/{id}/rules/runs").route(web::post().to(run)));
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(preview, run))]
pub struct Calls;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, expecting = "an object with a rule")]
#[schema(as = UnsavedRule)]
struct Unsaved {
    rule: Value,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RulePreview)]
struct PreviewBody {
    customers: i64,
    matched: i64,
    sentence: String,
    funnel: Vec<Step>,
    missing: Vec<Lacking>,
    joins: i64,
    leaves: i64,
    refused: i64,
    excluded: i64,
    sample: Vec<Sampled>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FunnelStep)]
struct Step {
    condition: String,
    passes: i64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MissingValues)]
struct Lacking {
    field: String,
    customers: i64,
    /// Of all customers: 0.35.
    share: f64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SampledCustomer)]
struct Sampled {
    code: String,
    name: String,
}

/// Whom a rule would match, before it is saved.
#[utoipa::path(
    post,
    path = "/admin/pricing/customer-groups/{id}/rules/preview",
    tag = "Customer groups",
    request_body = Unsaved,
    responses((status = 200, body = PreviewBody))
)]
async fn preview(
    call: Call,
    clock: web::Data<Clock>,
    id: web::Path<String>,
    body: Body<Unsaved>,
) -> Result<HttpResponse, Problem> {
    let (id, now) = (parse_id(&id)?, clock.now());
    let body = call.read(move |conn, actor| found(conn, actor, id, &body.0.rule, now)).await?;
    Ok(HttpResponse::Ok().json(body))
}

fn found(conn: &mut PgConnection, actor: &Actor, id: Uuid, rule: &Value, now: DateTime<Utc>) -> Result<PreviewBody> {
    actor.require(Permission::Read)?;
    let group = groups::live(conn, id)?;
    let store = store_settings::load(conn)?;
    let rule = rules::read(conn, rule, Some(id), store.currency)?
        .map_err(|faults| Error::Invalid(faults.iter().map(Fault::as_json_field).collect()))?;
    let compiled = compile(&rule, store.currency, store_day(now, store.time_zone), &People::All);
    let counted = (group.kind() != GroupType::Manual).then_some(&group);
    let preview = preview::count(conn, &compiled, counted)?;
    let sample = preview::who(conn, &compiled, counted, Who::Matching, None, &Place::Start, SAMPLE)?;
    let sample = sample.rows.into_iter().map(|one| Sampled { code: one.code, name: one.name }).collect();
    Ok(told(&rule, &store, preview, sample))
}

fn told(rule: &Rule, store: &StoreSettings, preview: Preview, sample: Vec<Sampled>) -> PreviewBody {
    let conditions = rule.conditions().into_iter().map(|condition| condition.sentence(store.currency));
    let customers = preview.customers;
    let share = |lacking: i64| if customers > 0 { lacking as f64 / customers as f64 } else { 0.0 };
    PreviewBody {
        customers,
        matched: preview.matched,
        sentence: rule.sentence(store.currency),
        funnel: conditions.zip(preview.passes).map(|(condition, passes)| Step { condition, passes }).collect(),
        missing: preview
            .missing
            .into_iter()
            .map(|(field, lacking)| Lacking { field: field.json_name(), customers: lacking, share: share(lacking) })
            .collect(),
        joins: preview.joins,
        leaves: preview.leaves,
        refused: preview.refused_capacity + preview.refused_status,
        excluded: preview.excluded,
        sample,
    }
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RunAsked)]
struct Asked {
    rule: Option<Value>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RuleRun)]
struct RunBody {
    id: Uuid,
    matched: i64,
    joined: i64,
    left: i64,
    refused: i64,
    outcome: &'static str,
    duration_ms: i64,
}

impl From<Run> for RunBody {
    fn from(run: Run) -> Self {
        let tally = run.tally();
        Self {
            id: run.id,
            matched: tally.matched,
            joined: tally.joined,
            left: tally.left,
            refused: tally.refused(),
            outcome: run.outcome().name(),
            duration_ms: run.duration_ms,
        }
    }
}

/// Runs the rule of a group; one that is sent is saved first.
#[utoipa::path(
    post,
    path = "/admin/pricing/customer-groups/{id}/rules/runs",
    tag = "Customer groups",
    request_body = Option<Asked>,
    responses((status = 200, body = RunBody))
)]
async fn run(
    call: Call,
    id: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let asked = if request.headers().contains_key(header::CONTENT_TYPE) {
        Body::<Asked>::from_request(&request, &mut payload.into_inner()).await?.0
    } else {
        Asked::default()
    };
    call.once(move |conn, actor, now| {
        let run = match &asked.rule {
            Some(rule) => actions::save(conn, actor, id, rule, None, None, now)?,
            None => actions::run_now(conn, actor, id, now)?,
        };
        Reply::done(&RunBody::from(run))
    })
    .await
}
