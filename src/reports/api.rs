//! `/admin/reports/…` (SPEC 13).

mod params;

use self::params::{ComparisonParams, PeriodParams};
use super::comparison::check;
use super::forms::Asked;
use super::metrics::Metrics;
use super::people::{People, Person};
use super::period::Period;
use super::report::Report;
use super::store::performance::{Performance, performance, performances};
use super::store::{Scope, at_one_moment};
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::query::Params;
use crate::auth::role::Permission;
use crate::clock::store_day;
use crate::db::{Db, replica};
use crate::error::{Error, Result};
use crate::groups::group::ROOT_ID;
use crate::groups::store::naming::by_code;
use crate::groups::store::{self as groups, Group};
use crate::inheritance::store::live::LiveSettings;
use crate::money::Currency;
use crate::store_settings::store as store_settings;
use crate::table::{minor, rounded};
use crate::web::query::Query;
use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use diesel::PgConnection;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

/// The routes of the calls, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/reports/groups/{id}").route(web::get().to(of_group)))
        .service(web::resource("/reports/comparison").route(web::get().to(comparison)));
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(of_group, comparison))]
pub struct Calls;

fn query(params: &impl Serialize) -> Result<Query> {
    Ok(Query::new("", &serde_urlencoded::to_string(params).map_err(Error::internal)?))
}

/// A share or another number that is no money: a JSON number.
#[derive(Clone, Copy, Debug)]
struct Figure(Decimal);

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number: serde_json::Number = rounded(self.0, 6).to_string().parse().map_err(serde::ser::Error::custom)?;
        number.serialize(serializer)
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Period)]
struct PeriodBody {
    from: NaiveDate,
    to: NaiveDate,
}

impl From<Period> for PeriodBody {
    fn from(Period { from, to }: Period) -> Self {
        Self { from, to }
    }
}

/// Money as decimal strings, shares as fractions; null where there is nothing to divide by.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Metrics)]
struct MetricsBody {
    revenue: String,
    #[schema(value_type = Option<f64>)]
    revenue_share: Option<Figure>,
    orders: i64,
    #[schema(value_type = Option<f64>)]
    orders_share: Option<Figure>,
    average_order_value: Option<String>,
    #[schema(value_type = Option<f64>)]
    order_frequency: Option<Figure>,
    customer_lifetime_value: Option<String>,
    #[schema(value_type = Option<f64>)]
    retention_rate: Option<Figure>,
    #[schema(value_type = Option<f64>)]
    discount_rate: Option<Figure>,
    #[schema(value_type = Option<f64>)]
    net_margin: Option<Figure>,
}

impl MetricsBody {
    fn of(metrics: &Metrics, currency: Currency) -> Self {
        let money = |amount: Decimal| currency.major(minor(amount)).to_string();
        Self {
            revenue: currency.major(metrics.revenue).to_string(),
            revenue_share: metrics.revenue_share.map(Figure),
            orders: metrics.orders,
            orders_share: metrics.orders_share.map(Figure),
            average_order_value: metrics.average_order_value.map(money),
            order_frequency: metrics.order_frequency.map(Figure),
            customer_lifetime_value: metrics.customer_lifetime_value.map(money),
            retention_rate: metrics.retention_rate.map(Figure),
            discount_rate: metrics.discount_rate.map(Figure),
            net_margin: metrics.net_margin.map(Figure),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Month)]
struct MonthBody {
    month: String,
    revenue: String,
    orders: i64,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReportedCustomer)]
struct PersonBody {
    customer_id: Uuid,
    code: String,
    name: String,
    revenue: String,
    last_order_on: Option<NaiveDate>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GroupReport)]
struct ReportBody {
    group_id: Uuid,
    code: String,
    name: String,
    period: PeriodBody,
    previous_period: PeriodBody,
    subgroups: bool,
    currency: &'static str,
    members: i64,
    metrics: MetricsBody,
    baseline: MetricsBody,
    previous: MetricsBody,
    trend: Vec<MonthBody>,
    at_risk_count: i64,
    top_customers: Vec<PersonBody>,
    at_risk: Vec<PersonBody>,
}

impl ReportBody {
    fn of(group: &Group, asked: &Asked, report: &Report, people: &People, currency: Currency) -> Self {
        let month = |month: &super::metrics::Month| MonthBody {
            month: month.month.format("%Y-%m").to_string(),
            revenue: currency.major(month.net).to_string(),
            orders: month.orders,
        };
        Self {
            group_id: group.id,
            code: group.code.clone(),
            name: group.name.clone(),
            period: report.period.into(),
            previous_period: report.period.preceding().into(),
            subgroups: asked.subgroups,
            currency: currency.code(),
            members: report.members,
            metrics: MetricsBody::of(&report.metrics, currency),
            baseline: MetricsBody::of(&report.baseline, currency),
            previous: MetricsBody::of(&report.previous, currency),
            trend: report.trend.iter().map(month).collect(),
            at_risk_count: report.at_risk,
            top_customers: named(&people.top, currency),
            at_risk: named(&people.at_risk, currency),
        }
    }
}

fn named(people: &[Person], currency: Currency) -> Vec<PersonBody> {
    let body = |person: &Person| PersonBody {
        customer_id: person.id,
        code: person.code.clone(),
        name: person.name.clone(),
        revenue: currency.major(person.revenue).to_string(),
        last_order_on: person.last_order_on,
    };
    people.iter().map(body).collect()
}

/// What the database itself knows of what is asked.
struct Known {
    asked: Asked,
    currency: Currency,
    groups: Vec<(Group, Scope)>,
    written: Option<String>,
}

fn known(
    conn: &mut PgConnection,
    live: &LiveSettings,
    query: &Query,
    ids: &[Uuid],
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Known> {
    let store = store_settings::load(conn)?;
    let asked = Asked::of(query, store_day(now, store.time_zone)).map_err(Error::Invalid)?;
    let mut found = Vec::new();
    for id in ids {
        let group = groups::live(conn, *id)?;
        let scope = match (*id == ROOT_ID, asked.subgroups) {
            (true, _) => Scope::Everyone,
            (false, true) => Scope::Groups(live.now(conn)?.subtree(*id)),
            (false, false) => Scope::Groups(vec![*id]),
        };
        found.push((group, scope));
    }
    Ok(Known { asked, currency: store.currency, groups: found, written: replica::written(conn)? })
}

/// How a group performs in a period, against all customers and the period before.
#[utoipa::path(
    get,
    path = "/admin/reports/groups/{id}",
    tag = "Reports",
    params(PeriodParams),
    responses((status = 200, body = ReportBody))
)]
async fn of_group(
    call: Call,
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    id: web::Path<String>,
    params: Params<PeriodParams>,
) -> Result<HttpResponse, Problem> {
    let id = groups::parse_id(&id)?;
    let query = query(&*params)?;
    let now = call.now();
    let mut known = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            known(conn, &live, &query, &[id], now)
        })
        .await?;
    let (group, scope) = known.groups.pop().ok_or_else(groups::gone)?;
    let period = known.asked.period;
    let ask = move |conn: &mut PgConnection| at_one_moment(conn, |conn| performance(conn, period, &scope));
    let (found, _) = db.report(known.written, ask).await?;
    let body = ReportBody::of(&group, &known.asked, &found.report, &found.people, known.currency);
    Ok(HttpResponse::Ok().json(body))
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comparison)]
struct ComparisonBody {
    period: PeriodBody,
    groups: Vec<ReportBody>,
}

/// The codes in `groups=CODE,CODE`, each once.
fn codes(query: &Query) -> Result<Vec<String>> {
    let mut codes: Vec<String> = Vec::new();
    for code in query.get("groups").split(',').map(str::trim).filter(|code| !code.is_empty()) {
        if !codes.iter().any(|known| known == code) {
            codes.push(code.to_owned());
        }
    }
    check(codes.len()).map_err(Error::Invalid)?;
    Ok(codes)
}

/// Two to six groups side by side.
#[utoipa::path(
    get,
    path = "/admin/reports/comparison",
    tag = "Reports",
    params(ComparisonParams),
    responses((status = 200, body = ComparisonBody))
)]
async fn comparison(
    call: Call,
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    params: Params<ComparisonParams>,
) -> Result<HttpResponse, Problem> {
    let query = query(&*params)?;
    let now = call.now();
    let known = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let mut ids = Vec::new();
            for code in codes(&query)? {
                let id = by_code(conn, &code)?;
                ids.push(id.ok_or_else(|| Error::NotFound(format!("There is no group with the code {code}.")))?);
            }
            known(conn, &live, &query, &ids, now)
        })
        .await?;
    let Known { asked, currency, groups, written } = known;
    let period = asked.period;
    let ask = move |conn: &mut PgConnection| {
        at_one_moment(conn, |conn| {
            let scopes: Vec<Scope> = groups.iter().map(|(_, scope)| scope.clone()).collect();
            let found = performances(conn, period, &scopes)?;
            let body = |((group, _), Performance { report, people }): (&(Group, Scope), &Performance)| {
                ReportBody::of(group, &asked, report, people, currency)
            };
            Ok(groups.iter().zip(&found).map(body).collect::<Vec<_>>())
        })
    };
    let (groups, _) = db.report(written, ask).await?;
    Ok(HttpResponse::Ok().json(ComparisonBody { period: period.into(), groups }))
}
