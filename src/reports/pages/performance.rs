//! A group's performance (the seed's "Group Performance"): `/groups/{id}/report`, and `/reports` for everyone.

use super::notes;
use super::{Asking, Reader};
use crate::error::Result;
use crate::groups::group::ROOT_ID;
use crate::groups::store::{Group, parse_id};
use crate::groups::tabs::{Tab, tabs};
use crate::money::{Currency, format_count};
use crate::reports::chart::{Drawing, Point, columns};
use crate::reports::economics::Economics;
use crate::reports::forms::{Asked, Picker};
use crate::reports::metrics::{Metrics, Month};
use crate::reports::store::at_one_moment;
use crate::reports::store::economics::economics;
use crate::reports::store::performance::{Performance, performance};
use crate::reports::tables::{Line, metric_lines, trend_table};
use crate::table::{Cell, Table};
use crate::web::errors::PageError;
use crate::web::format::{counted, filters, short_month};
use crate::web::htmx::Hx;
use crate::web::query::Query;
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "reports/performance.html", blocks = ["report", "economics"])]
struct PerformancePage {
    shell: Shell,
    /// On `/reports`, beside the field that chooses a group.
    alone: bool,
    tabs: Vec<Tab>,
    group: Group,
    query: Query,
    picker: Picker,
    currency: Currency,
    notes: Vec<String>,
    /// `None`: the period can't be taken.
    shown: Option<Performance>,
    /// `None`: it follows the page.
    economics: Option<Economics>,
    lines: Vec<Line>,
    trend: Table,
}

impl PerformancePage {
    fn is_root(&self) -> bool {
        self.group.is_root()
    }

    /// The comparison, with this group as the first of its choice.
    fn compare_path(&self) -> String {
        if self.is_root() { "/reports/compare".to_owned() } else { format!("/reports/compare?group={}", self.group.id) }
    }

    /// The same report as a file.
    fn export_path(&self, format: &str) -> String {
        self.query.export(&format!("{}.{format}", self.query.path()))
    }

    /// All at-risk members as a file.
    fn at_risk_path(&self) -> String {
        let path =
            if self.alone { "/reports/at-risk.csv".to_owned() } else { self.query.path().to_owned() + "/at-risk.csv" };
        self.query.export(&path)
    }

    fn economics_path(&self) -> String {
        self.query.with("part", "economics").url()
    }

    fn other_currencies_path(&self) -> String {
        let subgroups = if self.picker.subgroups { "yes" } else { "no" };
        format!("/reports/other-currencies?group={}&subgroups={subgroups}", self.group.id)
    }

    fn metrics(&self) -> Option<&Metrics> {
        self.shown.as_ref().map(|shown| &shown.report.metrics)
    }

    fn discount(&self) -> String {
        self.currency.format_whole(self.metrics().map_or(0, |metrics| metrics.discount))
    }

    fn margin(&self) -> String {
        self.currency.format_whole(self.metrics().map_or(0, |metrics| metrics.margin))
    }

    /// What the margin would be without discounts.
    fn margin_note(&self) -> String {
        let before = self.metrics().map_or(0, |metrics| metrics.margin.saturating_add(metrics.discount));
        format!("{} at list prices", self.currency.format_whole(before))
    }

    fn owing(&self, economics: &Economics) -> String {
        counted(economics.credit.owing, "member owes", "members owe") + " something"
    }

    fn limit(&self, economics: &Economics) -> String {
        economics.credit.limit.map_or_else(|| "No limit".to_owned(), |limit| self.currency.format_whole(limit))
    }

    fn over(&self, economics: &Economics) -> String {
        match economics.credit.limit {
            Some(_) => counted(economics.credit.over, "member owes", "members owe") + " more than that",
            None => "for each member".to_owned(),
        }
    }

    fn months(&self) -> &[Month] {
        self.shown.as_ref().map_or(&[], |shown| &shown.report.trend)
    }

    fn chart(&self, id: &str, title: &str, value: fn(&Month) -> i64, told: impl Fn(i64) -> String) -> String {
        let point =
            |month: &Month| Point { label: short_month(month.month), value: value(month), told: told(value(month)) };
        let points: Vec<Point> = self.months().iter().map(point).collect();
        let most = points.iter().max_by_key(|point| point.value);
        let description = most.map_or_else(String::new, |most| format!("Most in {}: {}.", most.label, most.told));
        let title = format!("{title} of {} by month", self.group.name);
        columns(Drawing { id, title: &title, description: &description, points: &points }, &told)
    }

    fn revenue_chart(&self) -> String {
        self.chart("chart-revenue", "Revenue", |month| month.net, |minor| self.currency.format_whole(minor))
    }

    fn orders_chart(&self) -> String {
        self.chart("chart-orders", "Orders", |month| month.orders, format_count)
    }
}

/// `GET /groups/{id}/report`.
pub async fn of_group(
    asking: Asking,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let reader = Reader::of(asking)?;
    let id = parse_id(&id)?;
    let query = Query::new(format!("/groups/{id}/report"), request.query_string());
    page(&reader, shell, &hx, query, id, false).await
}

/// `GET /reports`: everyone's; a group that is chosen there has its own page.
pub async fn of_all(asking: Asking, shell: Shell, hx: Hx, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let reader = Reader::of(asking)?;
    let query = Query::new("/reports", request.query_string());
    match reader.chosen(&query).await? {
        Some(id) => {
            let rest = query.without("group").without("group_text");
            Ok(hx.see_other(&rest.export(&format!("/groups/{id}/report"))))
        }
        None => page(&reader, shell, &hx, query, ROOT_ID, true).await,
    }
}

async fn page(
    reader: &Reader,
    shell: Shell,
    hx: &Hx,
    query: Query,
    id: Uuid,
    alone: bool,
) -> Result<HttpResponse, PageError> {
    let (ground, subject) = reader.subject(id, &query).await?;
    let asked = Asked::of(&query, ground.today);
    let picker = Picker::of(&query, &asked, subject.subgroups > 0 && id != ROOT_ID);
    let with_economics = query.get("part") == "economics";
    let query = query.without("part");
    let (shown, economics, notes) = match &asked {
        Ok(asked) => {
            let (period, scope) = (asked.period, subject.scope.clone());
            let (zone, limit) = (ground.store.time_zone, subject.credit_limit);
            let ask = move |conn: &mut PgConnection| {
                at_one_moment(conn, |conn| {
                    let economics =
                        with_economics.then(|| economics(conn, id, &scope, period, zone, limit)).transpose()?;
                    Ok((performance(conn, period, &scope)?, economics))
                })
            };
            let ((shown, economics), origin) = reader.report(&ground, ask).await?;
            (Some(shown), economics, notes::all(origin, reader.now(), &ground, &subject))
        }
        Err(_) => (None, None, Vec::new()),
    };
    let status = if shown.is_some() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = PerformancePage {
        tabs: tabs(id, "Report"),
        lines: shown.as_ref().map(|shown| metric_lines(&shown.report)).unwrap_or_default(),
        trend: shown.as_ref().map_or_else(|| Table::new("", []), |shown| trend_table(&shown.report)),
        currency: ground.store.currency,
        group: subject.group,
        shell,
        alone,
        query,
        picker,
        notes,
        shown,
        economics,
    };
    Ok(if with_economics && hx.wants("economics") && status == StatusCode::OK {
        respond::page(&page.as_economics())?
    } else if hx.wants("report") && status == StatusCode::OK {
        respond::page(&page.as_report())?
    } else {
        respond::html(status, &page)?
    })
}
