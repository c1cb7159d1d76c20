//! A promotion's page: what it gives, to whom and when; whom it reaches, and what it makes of sample prices.

use super::super::campaigns::Campaign;
use super::super::promotion::Promotion;
use super::super::store::load;
use super::super::store::reach::Reached;
use super::super::store::sample::{CUSTOMERS, Sample, changes_prices, sample};
use super::super::store::{self, PromotionRow, parse_id};
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::db::keyset::Place;
use crate::error::Result;
use crate::inheritance::store::live::LiveSettings;
use crate::pricing::facts::Question;
use crate::segments::store::audience::{Frame, Somebody};
use crate::segments::store::groups::{self, ChosenGroup};
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::htmx::Hx;
use crate::web::query::{Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::PgConnection;
use uuid::Uuid;

/// Customers on a page.
const ROWS: usize = 20;

#[derive(Template)]
#[template(path = "promotions/show.html", blocks = ["reach"])]
struct ShowPage {
    shell: Shell,
    row: PromotionRow,
    promotion: Promotion,
    targets: Vec<ChosenGroup>,
    store: StoreSettings,
    today: NaiveDate,
    /// Comes after the page, or with `part=reach`.
    reach: Option<Reach>,
    may_edit: bool,
}

/// Whom it reaches, and a sample of what they pay.
struct Reach {
    count: i64,
    waits_for_campaign: bool,
    rows: Vec<Somebody>,
    pager: Pager,
    samples: Vec<Sample>,
}

impl ShowPage {
    fn side(&self, is_in: bool) -> Vec<&ChosenGroup> {
        self.targets.iter().filter(|group| group.is_in == is_in).collect()
    }

    fn gives(&self) -> String {
        self.promotion.offer.words(self.store.currency)
    }

    fn campaign_phase(&self, campaign: &Campaign) -> String {
        campaign.phase(self.today).label()
    }

    fn has_prices(&self) -> bool {
        changes_prices(&self.promotion.offer)
    }
}

/// `GET /promotions/{id}`. Whom it reaches comes with its own request, as that looks at all customers.
pub async fn show(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let query = Query::new(format!("/promotions/{id}"), request.query_string());
    let wants_reach = hx.wants("reach") || query.get("part") == "reach";
    let now = clock.now();
    let page = db.read(move |conn| load_page(conn, shell, &actor, &live, id, &query, wants_reach, now)).await?;
    Ok(if hx.wants("reach") { respond::page(&page.as_reach())? } else { respond::page(&page)? })
}

fn load_page(
    conn: &mut PgConnection,
    shell: Shell,
    actor: &Actor,
    live: &LiveSettings,
    id: Uuid,
    query: &Query,
    wants_reach: bool,
    now: DateTime<Utc>,
) -> Result<ShowPage> {
    let row = store::get(conn, id)?;
    let promotion = load::one(conn, id)?;
    let store = store_settings::load(conn)?;
    let today = store_day(now, store.time_zone);
    let chosen: Vec<(Uuid, bool)> =
        store::targets(conn, &[id])?.into_iter().map(|(_, group, is_in)| (group, is_in)).collect();
    let reach = match wants_reach {
        true => Some(reach(conn, live, &promotion, &store, today, query)?),
        false => None,
    };
    Ok(ShowPage {
        targets: groups::named(conn, &chosen)?,
        may_edit: actor.may(Permission::EditPromotions),
        shell,
        row,
        promotion,
        store,
        today,
        reach,
    })
}

fn reach(
    conn: &mut PgConnection,
    live: &LiveSettings,
    promotion: &Promotion,
    store: &StoreSettings,
    today: NaiveDate,
    query: &Query,
) -> Result<Reach> {
    let book = live.now(conn)?;
    let frame = Frame { book: &book, currency: store.currency, today };
    let reached = Reached::of(conn, promotion, &frame)?;
    let count = reached.count(conn, promotion, &frame)?;
    let place = Place::of(query.get("after"), query.get("before"));
    let page = reached.page(conn, promotion, &frame, &place, ROWS)?;
    let first: Vec<Uuid> = page.rows.iter().take(CUSTOMERS).map(|customer| customer.id).collect();
    let question = Question { quantity: 1, day: today, currency: store.currency };
    let samples = sample(conn, promotion, &first, &book, &question)?;
    let query = query.with("part", "reach");
    Ok(Reach {
        pager: Pager::of(&query, &page, Somebody::cursor, counted(count, "customer reached", "customers reached")),
        waits_for_campaign: reached.waits_for_campaign,
        rows: page.rows,
        count,
        samples,
    })
}
