//! The customer list as CSV, in the columns that the import takes and what was bought beside them.

use super::list::{ListRow, Narrowed, with_columns};
use crate::auth::role::{Actor, Permission};
use crate::customers::listing::{Params, Wanted};
use crate::customers::store::list as stored;
use crate::db::Db;
use crate::db::keyset::Place;
use crate::error::Result;
use crate::money::Currency;
use crate::store_settings::store as store_settings;
use crate::web::csv;
use crate::web::errors::PageError;
use actix_web::{HttpResponse, web};
use diesel::PgConnection;

/// Rows that are fetched at a time.
const ROWS: usize = 500;

const HEADER: [&str; 13] = [
    "code",
    "name",
    "email",
    "status",
    "country",
    "region",
    "customer_since",
    "payment_history",
    "organization",
    "effective_groups",
    "tags",
    "purchases",
    "last_order_on",
];

/// `GET /customers.csv`: all rows that match, a few at a time.
pub async fn export(db: web::Data<Db>, actor: Actor, params: web::Query<Params>) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let params = params.into_inner();
    let (wanted, currency) = db
        .read(move |conn| {
            let narrowed = Narrowed::of(conn, &params)?;
            let wanted = Wanted { place: Place::Start, ..Wanted::from(&params) };
            Ok((narrowed.apply(wanted), store_settings::load(conn)?.currency))
        })
        .await?;
    let db = Db::clone(&db);
    Ok(csv::download("customers.csv", (wanted, true), move |(wanted, first)| {
        let db = db.clone();
        async move { db.read(move |conn| chunk(conn, wanted, currency, first)).await }
    }))
}

type Rest = (Option<Wanted>, bool);

fn chunk(
    conn: &mut PgConnection,
    wanted: Option<Wanted>,
    currency: Currency,
    first: bool,
) -> Result<(Vec<u8>, Option<Rest>)> {
    let mut rows = Vec::new();
    let mut rest = None;
    if let Some(wanted) = wanted {
        let page = stored::page(conn, &wanted, currency, ROWS)?;
        rows = with_columns(conn, &page.rows)?;
        let last = page.rows.into_iter().last().filter(|_| page.after);
        rest = last.map(|last| (Some(Wanted { place: Place::After(last), ..wanted }), false));
    }
    let header = first.then_some(HEADER.map(str::to_owned));
    let rows = rows.into_iter().map(|row| cells(row, currency));
    Ok((csv::rows(header.into_iter().chain(rows))?, rest))
}

fn cells(row: ListRow, currency: Currency) -> [String; 13] {
    let ListRow { customer, organization, counting, purchases } = row;
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let names: Vec<String> = counting.groups.into_iter().map(|group| group.name).collect();
    [
        customer.code.clone(),
        customer.name.clone(),
        customer.email.clone().unwrap_or_default(),
        customer.status().name().to_owned(),
        customer.country.clone().unwrap_or_default(),
        customer.region.clone().unwrap_or_default(),
        day(customer.customer_since),
        customer.payment_history().map(|rating| rating.name().to_owned()).unwrap_or_default(),
        organization.map(|(_, name)| name).unwrap_or_default(),
        names.join("; "),
        customer.tags().join("; "),
        currency.major(purchases.net).to_string(),
        day(purchases.last_order_on),
    ]
}
