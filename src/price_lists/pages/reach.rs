//! Whom a change of a list's prices reaches, before it is saved, in a line or two.

use super::super::actions;
use super::super::entry::{Break, breaks};
use super::super::forms::price_rows;
use super::super::store::{self, PriceList, entries};
use super::entries::{ids, read};
use super::parse_id;
use crate::auth::role::{Actor, Permission};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::impact::panel::Brief;
use crate::impact::store::assess::{Impact, Look};
use crate::impact::store::rehearse::rehearse;
use crate::impact::store::today;
use crate::impact::touched::using_list;
use crate::inheritance::store::live::LiveSettings;
use crate::pricing::facts::Question;
use crate::web::errors::PageError;
use crate::web::forms::FormState;
use crate::web::respond;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use uuid::Uuid;

/// What `change` of a list's prices does to those who use the list, for `quantity` units of `product`.
pub(super) fn reach(
    conn: &mut PgConnection,
    live: &LiveSettings,
    list: &PriceList,
    (product, quantity): (Uuid, i32),
    now: DateTime<Utc>,
    change: impl FnOnce(&mut PgConnection) -> Result<PriceList>,
) -> Result<Impact> {
    let book = live.now(conn)?;
    let groups = using_list(&book, list.id);
    let question = Question { quantity, currency: list.currency(), ..today(conn, now)? };
    let look = Look { groups: &groups, products: &[product], list: Some(list.id) };
    rehearse(conn, live, &question, look, |conn| change(conn).map(drop))
}

/// The line below the form of a new price, before anything is typed.
pub(super) fn waiting_for_new(list: &PriceList) -> Brief {
    let refresh = format!("/price-lists/{}/entries/impact", list.id);
    Brief { id: "impact-new".into(), impact: None, currency: list.currency(), refresh }
}

/// The same below a product's prices.
pub(super) fn waiting(list: &PriceList, product: Uuid) -> Brief {
    let refresh = format!("/price-lists/{}/entries/{product}/impact", list.id);
    Brief { id: format!("impact-{product}"), impact: None, currency: list.currency(), refresh }
}

/// The line with an impact; a form that can't be read yet has none yet.
fn told(mut brief: Brief, found: Result<Impact>) -> Result<Brief> {
    brief.impact = match found {
        Ok(impact) => Some(impact),
        Err(Error::Invalid(_) | Error::Stale(_)) => None,
        Err(error) => return Err(error),
    };
    Ok(brief)
}

/// `POST /price-lists/{id}/entries/impact`: whom one more price reaches.
pub async fn of_new(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    clock: web::Data<Clock>,
    actor: Actor,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    let (id, now) = (parse_id(&id)?, clock.now());
    let brief = db
        .read(move |conn| {
            let list = store::get(conn, id)?;
            let found = read(conn, &list, &form).and_then(|(product, new)| {
                let what = (product, new.min_quantity);
                reach(conn, &live, &list, what, now, |conn| actions::add_entry(conn, &actor, id, product, new, now))
            });
            told(waiting_for_new(&list), found)
        })
        .await?;
    Ok(respond::page(&brief)?)
}

/// `POST /price-lists/{id}/entries/{product}/impact`: whom other prices of a product reach.
pub async fn of_product(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    clock: web::Data<Clock>,
    actor: Actor,
    path: web::Path<(String, String)>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    let ((id, product), now) = (ids(path.into_inner())?, clock.now());
    let brief = db
        .read(move |conn| {
            let list = store::get(conn, id)?;
            let old = entries::breaks_of(conn, id, product)?;
            let found = breaks(list.currency(), price_rows(&form)).map_err(Error::Invalid).and_then(|new| {
                let what = (product, first_change(&old, &new));
                reach(conn, &live, &list, what, now, |conn| {
                    actions::replace_entries(conn, &actor, id, product, None, &new, now)
                })
            });
            told(waiting(&list, product), found)
        })
        .await?;
    Ok(respond::page(&brief)?)
}

/// The smallest quantity from which the price would be another; 1 where none would.
pub(super) fn first_change(old: &[Break], new: &[Break]) -> i32 {
    let differs = |one: &[Break], other: &[Break]| {
        one.iter().filter(|entry| !other.contains(entry)).map(|entry| entry.min_quantity).min()
    };
    differs(old, new).into_iter().chain(differs(new, old)).min().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_that_changes_is_looked_at() {
        let of = |breaks: &[(i32, i64)]| -> Vec<Break> {
            breaks.iter().map(|(min_quantity, price)| Break { min_quantity: *min_quantity, price: *price }).collect()
        };
        for (old, new, expected) in [
            (&[(1, 100)][..], &[(1, 90)][..], 1),
            (&[(1, 100), (10, 80)], &[(1, 100), (10, 70)], 10),
            (&[(1, 100)], &[(1, 100), (5, 90)], 5),
            (&[(1, 100), (5, 90)], &[(1, 100)], 5),
            (&[(1, 100)], &[(1, 100)], 1),
        ] {
            assert_eq!(first_change(&of(old), &of(new)), expected, "{old:?} {new:?}");
        }
    }
}
