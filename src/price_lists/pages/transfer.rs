//! A list's prices as CSV: out, a few at a time; and in, checked first and then taken as a whole, by the same import as
//! everywhere (SPEC 11).

use super::super::store::{self, PriceList, entries};
use super::parse_id;
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::impact::panel::Panel;
use crate::impact::store::assess::Look;
use crate::impact::store::rehearse::rehearse;
use crate::impact::store::today;
use crate::impact::touched::using_list;
use crate::imports::actions::{self as imports, Request};
use crate::imports::kind::Kind;
use crate::imports::mapping::{Wishes, normalize};
use crate::imports::report::{Outcome, Report};
use crate::inheritance::store::live::LiveSettings;
use crate::pricing::facts::Question;
use crate::web::csv;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::forms::FormState;
use crate::web::htmx::Hx;
use crate::web::query::Query;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use std::io::Cursor;

/// Entries that the export fetches at a time.
const EXPORT_ROWS: i64 = 5_000;

/// `GET /price-lists/{id}/entries.csv`: what the page's search shows, as the import takes it.
pub async fn export(
    db: web::Data<Db>,
    actor: Actor,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let text = crate::products::listing::searched(Query::new("", request.query_string()).get("q"));
    let list = db.read(move |conn| store::get(conn, id)).await?;
    let db = Db::clone(&db);
    Ok(csv::download(&format!("{}.csv", list.code), None, move |after: Option<(String, i32)>| {
        let (db, list, text) = (db.clone(), list.clone(), text.clone());
        async move {
            let (text, next) = db.read(move |conn| chunk(conn, &list, &text, after.as_ref())).await?;
            Ok((text, next.map(Some)))
        }
    }))
}

type Chunk = (Vec<u8>, Option<(String, i32)>);

fn chunk(conn: &mut PgConnection, list: &PriceList, text: &str, after: Option<&(String, i32)>) -> Result<Chunk> {
    let found = entries::in_order(conn, list.id, text, after, EXPORT_ROWS)?;
    let whole = i64::try_from(found.len()).is_ok_and(|rows| rows == EXPORT_ROWS);
    let next = found.last().filter(|_| whole).map(|entry| (entry.sku.clone(), entry.min_quantity));
    let header = ["price_list_code", "sku", "name", "min_quantity", "price"].map(str::to_owned);
    let currency = list.currency();
    let rows = found.into_iter().map(|entry| {
        let price = currency.major(entry.price).to_string();
        [list.code.clone(), entry.sku, entry.name, entry.min_quantity.to_string(), price]
    });
    Ok((csv::rows(after.is_none().then_some(header).into_iter().chain(rows))?, next))
}

#[derive(Template)]
#[template(path = "price_lists/import.html")]
struct ImportPage {
    shell: Shell,
    list: PriceList,
    form: FormState,
    /// What a check found.
    report: Option<Report>,
    /// What the import would do to customers.
    panel: Option<Panel>,
}

impl ImportPage {
    /// Whether what was checked can come in.
    fn ready(&self) -> bool {
        self.report.as_ref().is_some_and(|report| report.outcome == Outcome::Tried)
    }

    fn rows(&self) -> u64 {
        self.report.as_ref().map_or(0, |report| report.rows)
    }
}

/// `GET /price-lists/{id}/import`.
pub async fn open(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    may_import(&actor)?;
    let id = parse_id(&id)?;
    let list = db.read(move |conn| store::get(conn, id)).await?;
    Ok(respond::page(&ImportPage { shell, list, form: FormState::new(), report: None, panel: None })?)
}

fn may_import(actor: &Actor) -> Result<()> {
    actor.require(Permission::EditCatalogue)?;
    actor.require(Permission::Import)
}

/// `POST /price-lists/{id}/import`: `step=check` only reports, `step=import` takes all rows or none.
pub async fn import(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    may_import(&actor)?;
    let id = parse_id(&id)?;
    let form = form.into_inner();
    let (typed, now) = (form.clone(), clock.now());
    let list = db.read(move |conn| store::get(conn, id)).await?;
    let (code, currency, live) = (list.code.clone(), list.currency(), LiveSettings::clone(&live));
    let outcome = db
        .write(move |conn| {
            let text = typed.value("csv");
            let wishes = wishes(text, &code).map_err(|error| Error::Invalid(vec![error]))?;
            let file = file_name(typed.value("file"));
            let run = |conn: &mut PgConnection, dry_run| {
                let request = Request {
                    kind: Kind::PriceListEntries,
                    file: &file,
                    wishes: wishes.clone(),
                    create: Vec::new(),
                    dry_run,
                    good_rows: false,
                    actor: &actor,
                    now,
                };
                imports::import(conn, &mut Cursor::new(text.as_bytes()), &request, None, &mut |_| {})
            };
            let report = run(conn, typed.value("step") != "import")?;
            if report.rows == 0 {
                return Err(Error::field("csv", "There are no rows below the header."));
            }
            let mut panel = None;
            if report.outcome == Outcome::Tried {
                let book = live.now(conn)?;
                let groups = using_list(&book, id);
                let question = Question { currency, ..today(conn, now)? };
                let look = Look { groups: &groups, list: Some(id), ..Look::default() };
                let impact = rehearse(conn, &live, &question, look, |conn| run(conn, false).map(drop))?;
                panel = Some(Panel::showing(currency, impact, String::new(), String::new()));
            }
            Ok((report, panel))
        })
        .await;
    let at_field = |errors: Vec<FieldError>| errors.into_iter().map(|e| FieldError { field: "csv".into(), ..e });
    let (form, status, report, panel) = match outcome {
        Ok((report, _)) if report.outcome == Outcome::Imported => {
            leave(&session, Flash::success(imported(&report)))?;
            return Ok(hx.see_other(&format!("/price-lists/{id}")));
        }
        Ok((report, panel)) if report.outcome == Outcome::Tried => (form, StatusCode::OK, Some(report), panel),
        Ok((report, _)) => {
            let rows = counted(report.bad_rows, "row can't be imported", "rows can't be imported");
            let error = FieldError::new("csv", format!("{rows}. Mend them and check again."));
            (form.refused([error]), StatusCode::UNPROCESSABLE_ENTITY, Some(report), None)
        }
        Err(Error::Invalid(errors)) => (form.refused(at_field(errors)), StatusCode::UNPROCESSABLE_ENTITY, None, None),
        Err(Error::Malformed(message)) => {
            (form.refused([FieldError::new("csv", message)]), StatusCode::UNPROCESSABLE_ENTITY, None, None)
        }
        Err(error) => return Err(error.into()),
    };
    Ok(respond::html(status, &ImportPage { shell, list, form, report, panel })?)
}

fn imported(report: &Report) -> String {
    let prices = |n: i64| counted(n, "price", "prices");
    let (new, changed, same) = (report.counts.created, report.counts.updated, report.counts.unchanged);
    format!("{} added, {} replaced, {} the same as before.", prices(new), prices(changed), prices(same))
}

/// A file may name the list in each row; then it must be this one. Otherwise all rows are for it.
fn wishes(text: &str, code: &str) -> Result<Wishes, FieldError> {
    let mut reader = ::csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let own = &Kind::PriceListEntries.columns()[0];
    let names_list = |name: &str| {
        let name = normalize(name);
        name == normalize(own.name) || own.synonyms.contains(&name.as_str())
    };
    let place = reader.headers().ok().and_then(|header| header.iter().position(names_list));
    let Some(place) = place else {
        return Ok(Wishes { set: vec![(own.name.to_owned(), code.to_owned())], ..Wishes::default() });
    };
    for record in reader.records().map_while(Result::ok) {
        let other = record.get(place).map(str::trim).filter(|other| !other.is_empty() && *other != code);
        if let Some(other) = other {
            let row = record.position().map_or(0, ::csv::Position::line);
            let message = format!(
                "Row {row} is for the price list “{}”, not for {code}. Take these rows or the column out.",
                other.chars().take(64).collect::<String>()
            );
            return Err(FieldError::new("csv", message));
        }
    }
    Ok(Wishes::default())
}

/// What the log calls the file.
fn file_name(sent: &str) -> String {
    let name: String = sent.chars().filter(|c| !c.is_control()).take(120).collect();
    if name.trim().is_empty() { "pasted rows".into() } else { name.trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_for_this_list_or_refused() {
        let of = |text: &str| wishes(text, "VIP").map(|wishes| wishes.set).map_err(|error| error.message);
        assert_eq!(of("sku,price\nA,1").unwrap(), [("price_list_code".into(), "VIP".into())]);
        assert!(of("Price List Code,sku,price\nVIP,A,1\n,B,2").unwrap().is_empty());
        let refused = of("price_list,sku,price\nVIP,A,1\nGOLD,A,1").unwrap_err();
        assert!(refused.starts_with("Row 3 is for the price list “GOLD”"), "{refused}");
        assert_eq!(of("").unwrap().len(), 1);
    }
}
