//! The customer list.

use crate::auth::role::{Actor, Permission};
use crate::customers::country;
use crate::customers::customer::{PaymentHistory, Status};
use crate::customers::listing::{Asked, Key, Meant, Paid, Params, Purchases, Wanted};
use crate::customers::store::purchases::{self, Lifetime};
use crate::customers::store::{self, Customer, list as stored};
use crate::db::Db;
use crate::db::keyset::{Page, Place};
use crate::error::Result;
use crate::groups::store as groups;
use crate::inheritance::counting::{Counting, Reason, Standing, which_groups_count};
use crate::inheritance::store::counting::standings;
use crate::money::Currency;
use crate::organizations::forms::Picked;
use crate::organizations::store as organizations;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::forms::Choice;
use crate::web::htmx::Hx;
use crate::web::query::{Chip, Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use uuid::Uuid;

/// Rows on a page of the list.
const ROWS: usize = 50;
/// Groups that a row names.
const NAMED: usize = 2;

/// A row with all its columns.
pub(super) struct ListRow {
    pub(super) customer: Customer,
    /// Id and name.
    pub(super) organization: Option<(Uuid, String)>,
    pub(super) counting: Counting,
    pub(super) purchases: Lifetime,
}

#[derive(Template)]
#[template(path = "customers/list.html", blocks = ["results", "totals"])]
struct ListPage {
    shell: Shell,
    query: Query,
    currency: Currency,
    narrowed: Narrowed,
    chips: Vec<Chip>,
    rows: Vec<ListRow>,
    pager: Pager,
    /// How many match; `None`: it is counted after the page.
    total: Option<i64>,
    may_create: bool,
}

impl ListPage {
    fn statuses(&self) -> Vec<Choice> {
        Status::ALL.iter().map(|status| Choice::new(status.name(), status.label())).collect()
    }

    fn countries(&self) -> Vec<Choice> {
        country::all().iter().map(|country| Choice::new(country.code, &country.name)).collect()
    }

    fn ratings(&self) -> Vec<Choice> {
        let rated = PaymentHistory::ALL.iter().map(|rating| Choice::new(rating.name(), rating.label()));
        rated.chain([Choice::new("unknown", "Unknown")]).collect()
    }

    fn amounts(&self) -> Vec<Choice> {
        let amount =
            |amount: i64| Choice::new(amount.to_string(), purchases_label(Purchases::AtLeast(amount), self.currency));
        let first = [("some", Purchases::Some), ("none", Purchases::Never)];
        let first = first.into_iter().map(|(name, filter)| Choice::new(name, purchases_label(filter, self.currency)));
        first.chain(Purchases::AMOUNTS.into_iter().map(amount)).collect()
    }

    fn totals_path(&self) -> String {
        self.query.with("part", "totals").url()
    }

    fn filtered(&self) -> bool {
        !self.chips.is_empty()
    }
}

fn purchases_label(filter: Purchases, currency: Currency) -> String {
    match filter {
        Purchases::Never => "Never ordered".into(),
        Purchases::Some => "Has ordered".into(),
        Purchases::AtLeast(amount) => {
            let minor = amount.saturating_mul(10i64.saturating_pow(u32::from(currency.decimals())));
            format!("At least {}", currency.format_whole(minor))
        }
    }
}

/// What a list is narrowed to by a searched field.
#[derive(Clone, Debug, Default)]
pub(super) struct Narrowed {
    group: Meant,
    organization: Meant,
}

impl Narrowed {
    /// Looks for what the address names.
    pub(super) fn of(conn: &mut PgConnection, params: &Params) -> Result<Self> {
        let asked = Asked::of(&params.group, &params.group_text);
        let picked = asked.id.map(|id| groups::any(conn, id)).transpose()?.flatten().map(|group| group.name);
        let found = match &asked.text {
            Some(text) => groups::naming::by_name_or_code(conn, text)?,
            None => None,
        };
        let group = asked.meant(picked, found);
        let asked = Asked::of(&params.organization, &params.organization_text);
        let picked = asked.id.map(|id| organizations::any(conn, id)).transpose()?.flatten().map(|one| one.name);
        let found = match &asked.text {
            Some(text) => {
                let typed = Picked { id: None, text: Some(text.clone()), said: true };
                organizations::finding::meant(conn, &typed)?
            }
            None => None,
        };
        Ok(Self { group, organization: asked.meant(picked, found) })
    }

    /// The list narrowed to it; `None` where nothing can match.
    pub(super) fn apply(&self, wanted: Wanted) -> Option<Wanted> {
        let unknown = |meant: &Meant| matches!(meant, Meant::Unknown(_));
        let wanted = Wanted { group: self.group.id(), organization: self.organization.id(), ..wanted };
        (!unknown(&self.group) && !unknown(&self.organization)).then_some(wanted)
    }
}

/// Fills the columns of rows, a few queries for all of them.
pub(super) fn with_columns(conn: &mut PgConnection, keys: &[Key]) -> Result<Vec<ListRow>> {
    let ids: Vec<Uuid> = keys.iter().map(|key| key.id).collect();
    let customers = store::by_ids(conn, &ids)?;
    let mut standings = standings(conn, &ids)?;
    let mut purchases = purchases::lifetimes(conn, &ids)?;
    let row = |customer: Customer| {
        let standing: Standing = standings.remove(&customer.id).unwrap_or_default();
        ListRow {
            counting: which_groups_count(&standing),
            organization: standing.organization.map(|organization| (organization.id, organization.name)),
            purchases: purchases.remove(&customer.id).unwrap_or_default(),
            customer,
        }
    };
    Ok(customers.into_iter().map(row).collect())
}

fn chips(query: &Query, wanted: &Wanted, narrowed: &Narrowed, currency: Currency) -> Vec<Chip> {
    let mut chips = Vec::new();
    let mut add = |name: &str, label: &str, value: Option<String>| {
        chips.extend(value.map(|value| query.chip(name, label, &value)));
    };
    add("q", "Search", Some(wanted.text.clone()).filter(|text| !text.is_empty()));
    add("status", "Status", wanted.status.map(|status| status.label().to_owned()));
    add("country", "Country", wanted.country.as_deref().map(country::name_of));
    add("tag", "Tag", wanted.tag.clone());
    add("payment_history", "Payment history", wanted.paid.map(|paid| Paid::label(paid).to_owned()));
    add("purchases", "Purchases", wanted.purchases.map(|filter| purchases_label(filter, currency)));
    for (name, label, meant) in
        [("group", "Group", &narrowed.group), ("organization", "Organization", &narrowed.organization)]
    {
        let without = || query.without(name).without(&format!("{name}_text")).url();
        chips.extend((*meant != Meant::Any).then(|| Chip {
            label: label.to_owned(),
            value: meant.text().to_owned(),
            without: without(),
        }));
    }
    chips
}

struct Loaded {
    rows: Page<ListRow>,
    keys: Page<Key>,
    total: Option<i64>,
    narrowed: Narrowed,
    currency: Currency,
}

fn load(conn: &mut PgConnection, params: &Params, counting: bool) -> Result<Loaded> {
    let currency = store_settings::load(conn)?.currency;
    let narrowed = Narrowed::of(conn, params)?;
    let wanted = narrowed.apply(Wanted::from(params));
    let nobody = || Page::of(Vec::new(), &Place::<Key>::Start, ROWS);
    let (keys, total) = match &wanted {
        Some(wanted) if counting => (nobody(), Some(stored::total(conn, wanted, currency)?)),
        Some(wanted) => {
            let keys = stored::page(conn, wanted, currency, ROWS)?;
            (keys, wanted.is_plain().then(|| stored::total(conn, wanted, currency)).transpose()?)
        }
        None => (nobody(), Some(0)),
    };
    let rows = with_columns(conn, &keys.rows)?;
    let rows = Page { rows, before: keys.before, after: keys.after };
    Ok(Loaded { rows, keys, total, narrowed, currency })
}

/// `GET /customers`: the page, its results alone, or with `part=totals` how many match.
pub async fn list(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    params: web::Query<Params>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let query = Query::new("/customers", request.query_string());
    let counting = query.get("part") == "totals";
    let query = query.without("part");
    let params = params.into_inner();
    let wanted = Wanted::from(&params);
    let Loaded { rows, keys, total, narrowed, currency } = db.read(move |conn| load(conn, &params, counting)).await?;
    let shown = i64::try_from(rows.rows.len()).unwrap_or_default();
    let summary = counted(shown, "customer on this page", "customers on this page");
    let page = ListPage {
        chips: chips(&query, &wanted, &narrowed, currency),
        pager: Pager::of(&query, &keys, Clone::clone, summary),
        shell,
        query,
        currency,
        narrowed,
        rows: rows.rows,
        total,
        may_create: actor.may(Permission::EditCustomers),
    };
    Ok(match () {
        () if counting => respond::page(&page.as_totals())?,
        () if hx.wants("results") => respond::page(&page.as_results())?,
        () => respond::page(&page)?,
    })
}
