//! Loads who asks for prices and what: two statements for any number of questions, both prepared. The settings of all
//! groups are in memory (docs/adr/0008); of the price lists only the entries of the products asked about are read, in the lists that
//! can matter to this customer.
//!
//! Arrays and the snapshot stand in queries of their own, `ANY ((SELECT $1)::uuid[])`: the planner can't look into them, so
//! that a plan for these values is never thought cheaper than the one that is kept, and none is made anew at every call.

pub use super::wares::wares;
use super::wares::wares_of_each;
use crate::auth::store::{Token, TokenColumns};
use crate::db::statement::statement;
use crate::error::{Error, Result};
use crate::groups::group::Assignment;
use crate::inheritance::book::Book;
use crate::inheritance::counting::{Group, Membership, Organization, Standing, State, which_groups_count};
use crate::inheritance::store::counting::{standing, standings};
use crate::inheritance::store::live::{LiveSettings, News};
use crate::money::Currency;
use crate::news_since_last;
use crate::pricing::asking::{Buyer, Person, Wanted, Wares};
use crate::schema::customers;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// Columns of a buyer's row besides the news.
macro_rules! buyer_columns {
    () => {
        "s.currency AS store_currency, s.time_zone, c.id AS customer_id, c.code AS customer_code,
         c.name AS customer_name, c.status AS customer_status, o.id AS organization_id,
         o.name AS organization_name, o.group_id AS organization_group,
         m.groups, m.sinces, m.by_hand, m.by_rule, m.is_primary"
    };
}

/// What a customer `c` is in.
macro_rules! buyer_joins {
    () => {
        " LEFT JOIN organizations o ON o.id = c.organization_id
          LEFT JOIN LATERAL (
              SELECT array_agg(group_id) AS groups, array_agg(since) AS sinces, array_agg(by_hand) AS by_hand,
                     array_agg(by_rule) AS by_rule, array_agg(is_primary) AS is_primary
              FROM memberships WHERE customer_id = c.id
          ) m ON true"
    };
}

#[derive(QueryableByName)]
struct BuyerRow {
    #[diesel(embed)]
    news: News,
    #[diesel(sql_type = Text)]
    store_currency: String,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    customer_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    customer_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    customer_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    customer_status: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    organization_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    organization_name: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    organization_group: Option<Uuid>,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    groups: Option<Vec<Uuid>>,
    #[diesel(sql_type = Nullable<Array<Timestamptz>>)]
    sinces: Option<Vec<DateTime<Utc>>>,
    #[diesel(sql_type = Nullable<Array<Bool>>)]
    by_hand: Option<Vec<bool>>,
    #[diesel(sql_type = Nullable<Array<Bool>>)]
    by_rule: Option<Vec<bool>>,
    #[diesel(sql_type = Nullable<Array<Bool>>)]
    is_primary: Option<Vec<bool>>,
}

#[derive(QueryableByName)]
struct HolderRow {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(embed)]
    token: TokenColumns,
    #[diesel(embed)]
    buyer: BuyerRow,
}

/// A customer with all that its prices depend on; a guest where `customer` is `None`.
///
/// # Errors
/// [`Error::NotFound`] where there is no such customer.
pub fn buyer(conn: &mut PgConnection, live: &LiveSettings, customer: Option<Uuid>) -> Result<Buyer> {
    let look = live.look();
    let row: BuyerRow =
        statement(concat!("SELECT ", news_since_last!(), ", ", buyer_columns!(), " FROM (SELECT ((SELECT "))
            .bind::<Nullable<Text>, _>(look.seen())
            .sql("))::pg_snapshot AS seen) last CROSS JOIN store_settings s LEFT JOIN customers c ON c.id = ")
            .bind::<Nullable<SqlUuid>, _>(customer)
            .sql(buyer_joins!())
            .get_result(conn)?;
    if customer.is_some() && row.customer_id.is_none() {
        return Err(Error::NotFound("This customer doesn't exist.".into()));
    }
    let book = live.after(conn, look, row.news.clone())?;
    row.into_buyer(conn, book)
}

/// Tokens and buyers, each in the order asked for.
type Holders = (Vec<Option<Token>>, Vec<Arc<Buyer>>);

/// The live tokens of these hashes, read along with these customers or guests (`None`) in one round trip: what shops ask
/// most. Both in the order asked for; no token where no live one has the hash, and a buyer without a customer where it
/// doesn't exist.
fn tokens_and_buyers(
    conn: &mut PgConnection,
    live: &LiveSettings,
    hashes: &[&[u8]],
    customers: &[Option<Uuid>],
) -> Result<Holders> {
    let look = live.look();
    let mut rows: Vec<HolderRow> =
        statement(concat!("WITH news AS MATERIALIZED (SELECT ", news_since_last!(), " FROM (SELECT ((SELECT "))
            .bind::<Nullable<Text>, _>(look.seen())
            .sql(concat!(
                "))::pg_snapshot AS seen) last)
         SELECT a.place, t.id AS token_id, t.name AS token_name, t.role AS token_role, t.created_by AS token_created_by,
                t.created_at AS token_created_at, t.last_used_on AS token_last_used_on, t.revoked_at AS token_revoked_at,
                news.*, ",
                buyer_columns!(),
                " FROM news CROSS JOIN store_settings s CROSS JOIN unnest((SELECT "
            ))
            .bind::<Array<Binary>, _>(hashes)
            .sql("), (SELECT ")
            .bind::<Array<Nullable<SqlUuid>>, _>(customers)
            // The shorter of the two lists goes on with NULL, of which nothing is found.
            .sql(concat!(
                ")) WITH ORDINALITY a (hash, customer, place)
         LEFT JOIN tokens t ON t.token_hash = a.hash AND t.revoked_at IS NULL
         LEFT JOIN customers c ON c.id = a.customer",
                buyer_joins!()
            ))
            .load(conn)?;
    rows.sort_unstable_by_key(|row| row.place);
    let Some(news) = rows.first().map(|row| row.buyer.news.clone()) else { return Ok((Vec::new(), Vec::new())) };
    let book = live.after(conn, look, news)?;
    let (mut tokens, mut buyers) = (Vec::with_capacity(hashes.len()), Vec::with_capacity(customers.len()));
    for (place, row) in rows.into_iter().enumerate() {
        if place < hashes.len() {
            tokens.push(row.token.token());
        }
        if place < customers.len() {
            buyers.push(Arc::new(row.buyer.into_buyer(conn, Arc::clone(&book))?));
        }
    }
    Ok((tokens, buyers))
}

/// Customers with all that their prices depend on, by id; a handful of statements, however many they are.
pub fn buyers(conn: &mut PgConnection, live: &LiveSettings, customers: &[Uuid]) -> Result<HashMap<Uuid, Buyer>> {
    let guest = buyer(conn, live, None)?;
    let found: Vec<(Uuid, String, String, String)> = customers::table
        .filter(customers::id.eq_any(customers))
        .select((customers::id, customers::code, customers::name, customers::status))
        .load(conn)?;
    let mut standings = standings(conn, customers)?;
    let buyer = |(id, code, name, status): (Uuid, String, String, String)| {
        let counting = which_groups_count(&standings.remove(&id).unwrap_or_default());
        let customer = Some(Person { id, code, name, active: status == "active" });
        (id, Buyer { customer, counting, ..guest.clone() })
    };
    Ok(found.into_iter().map(buyer).collect())
}

impl BuyerRow {
    fn into_buyer(self, conn: &mut PgConnection, book: Arc<Book>) -> Result<Buyer> {
        let currency = Currency::from_code(&self.store_currency)
            .ok_or_else(|| Error::internal(format!("the store's currency {} is unknown", self.store_currency)))?;
        let zone = self.time_zone.parse::<Tz>().map_err(Error::internal)?;
        let customer = self.person();
        let standing = match (customer.as_ref(), self.organization_group) {
            // The book has live groups only; of a deleted one the name is wanted, too.
            (Some(person), Some(group)) if book.level(group).is_none() => standing(conn, person.id)?,
            _ => self.standing(&book),
        };
        Ok(Buyer { customer, counting: which_groups_count(&standing), book, currency, zone })
    }

    fn person(&self) -> Option<Person> {
        Some(Person {
            id: self.customer_id?,
            code: self.customer_code.clone()?,
            name: self.customer_name.clone()?,
            active: self.customer_status.as_deref() == Some("active"),
        })
    }

    /// What the customer is in. Memberships in deleted groups wait for a restore and are left out.
    fn standing(self, book: &Book) -> Standing {
        let group = |id: Uuid| {
            book.level(id).map(|level| Group {
                id,
                code: level.code.clone(),
                name: level.name.clone(),
                state: if level.counts { State::Active } else { State::Inactive },
            })
        };
        let organization = self.organization_id.zip(self.organization_name).map(|(id, name)| Organization {
            id,
            name,
            group: self.organization_group.and_then(group),
        });
        let stays = self.groups.into_iter().flatten().zip(self.sinces.into_iter().flatten());
        let marks = self.by_hand.into_iter().flatten().zip(self.by_rule.into_iter().flatten());
        let memberships = stays.zip(marks).zip(self.is_primary.into_iter().flatten());
        let memberships = memberships.filter_map(|(((id, since), (by_hand, by_rule)), is_primary)| {
            let assignment = Assignment::of(by_hand, by_rule);
            Some(Membership { group: group(id)?, since, assignment, is_primary })
        });
        Standing { organization, memberships: memberships.collect() }
    }
}

/// What is asked of prices: for whom, and the SKUs.
pub type Question = (Option<Uuid>, Vec<String>);

/// A buyer with the products that it asked for.
pub type Shopping = (Arc<Buyer>, Arc<Wares>);

/// Buyers and the products that they ask for, for the live tokens of these hashes: two statements, however many ask. What
/// several ask is looked up once. In the order of the questions; nothing where no live token has the hash.
pub fn all_asked(
    conn: &mut PgConnection,
    live: &LiveSettings,
    asked: &[(Vec<u8>, Question)],
) -> Result<Vec<Option<(Token, Shopping)>>> {
    let hashes = Places::of(asked.iter().map(|(hash, _)| hash.as_slice()));
    let customers = Places::of(asked.iter().map(|(_, (customer, _))| *customer));
    let (tokens, buyers) = tokens_and_buyers(conn, live, &hashes.values, &customers.values)?;
    let mut skus = vec![BTreeSet::new(); buyers.len()];
    for ((_, (_, wished)), (token, buyer)) in asked.iter().zip(hashes.places.iter().zip(&customers.places)) {
        if tokens[*token].is_some() {
            skus[*buyer].extend(wished.iter().map(String::as_str));
        }
    }
    let looks: Vec<(Wanted, Vec<&str>)> =
        buyers.iter().zip(skus).map(|(buyer, skus)| (buyer.wanted(), skus.into_iter().collect())).collect();
    let wares: Vec<Arc<Wares>> = wares_of_each(conn, &looks)?.into_iter().map(Arc::new).collect();
    let shopping = |(token, buyer): (&usize, &usize)| {
        let token = tokens[*token].clone()?;
        Some((token, (Arc::clone(&buyers[*buyer]), Arc::clone(&wares[*buyer]))))
    };
    Ok(hashes.places.iter().zip(&customers.places).map(shopping).collect())
}

/// Values without those that are there already, and for each that was given its place among them.
struct Places<T> {
    values: Vec<T>,
    places: Vec<usize>,
}

impl<T: PartialEq> Places<T> {
    fn of(given: impl Iterator<Item = T>) -> Self {
        let (mut values, mut places) = (Vec::new(), Vec::new());
        for value in given {
            let known = values.iter().position(|known| *known == value);
            places.push(known.unwrap_or(values.len()));
            if known.is_none() {
                values.push(value);
            }
        }
        Self { values, places }
    }
}
