//! `/tools/no-discount`: why a customer doesn't get a discount (SPEC 9, the seed's first question).

use super::asked;
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::error::{FieldError, Result};
use crate::groups::forms::{Parent, chosen_group};
use crate::groups::group::GroupType;
use crate::groups::store::{self as groups, naming};
use crate::imports::instants;
use crate::inheritance::store::live::LiveSettings;
use crate::pricing::asking::{self, Buyer, Priced};
use crate::pricing::facts::Question;
use crate::pricing::findings::{Check, Finding, Mend, Weight, findings};
use crate::pricing::store::asking as store;
use crate::web::errors::PageError;
use crate::web::format::{counted, long_day};
use crate::web::forms::FormState;
use crate::web::query::Query;
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "pricing/no_discount.html")]
struct NoDiscountPage {
    shell: Shell,
    form: FormState,
    answer: Option<Answer>,
}

/// The answer.
struct Answer {
    headline: String,
    /// What is paid, and what would be paid in the group that is expected.
    compared: Option<Compared>,
    /// How many; empty for none.
    causes: String,
    checks: Vec<Part>,
    price_check: String,
    /// Promotions are for whole orders.
    order_check: String,
}

/// A price beside the one that a group would give.
struct Compared {
    group: String,
    now: String,
    now_by: String,
    there: String,
    there_by: String,
    /// What is between them, as a sentence.
    between: String,
}

impl Compared {
    fn of(now: &Priced<'_>, there: &Priced<'_>, buyer: &Buyer) -> Option<Self> {
        let currency = buyer.currency;
        let words = |priced: &Priced<'_>| priced.unit_price().map_or_else(|| "No price".into(), |p| currency.format(p));
        let by = |priced: &Priced<'_>| priced.resolution.winner().map(|step| step.title(currency)).unwrap_or_default();
        let group = buyer.counting.deciding()?.name.clone();
        let between = match (now.unit_price(), there.unit_price()) {
            (Some(now), Some(there)) if there < now => {
                format!("In {group} alone it would cost {} less.", currency.format(now - there))
            }
            (Some(now), Some(there)) if there == now => format!("{group} gives no other price for it."),
            (Some(now), Some(there)) => {
                format!("{group} alone would be dearer by {}: the lower price is paid.", currency.format(there - now))
            }
            _ => String::new(),
        };
        Some(Self { now: words(now), now_by: by(now), there: words(there), there_by: by(there), group, between })
    }
}

/// A place where one looks.
struct Part {
    label: &'static str,
    findings: Vec<Told>,
}

/// A finding with the way to mend it.
struct Told {
    badge: (&'static str, &'static str, &'static str),
    sentence: String,
    links: Vec<(&'static str, String)>,
}

/// `GET /tools/no-discount?customer=…&product=…&quantity=…&date=…&group=…`
pub async fn show(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    shell: Shell,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let form: FormState = serde_urlencoded::from_str(request.query_string()).unwrap_or_default();
    let now = clock.now();
    let (form, answer) = db.read(move |conn| load(conn, &live, form, now)).await?;
    let clear = form.errors().is_empty();
    let page = NoDiscountPage { shell, form, answer };
    Ok(if clear { respond::page(&page)? } else { respond::refused(&page)? })
}

/// What was typed, with what is wrong with it, and the answer where nothing is.
fn load(
    conn: &mut PgConnection,
    live: &LiveSettings,
    mut form: FormState,
    now: DateTime<Utc>,
) -> Result<(FormState, Option<Answer>)> {
    let names = ["customer", "customer_text", "product", "product_text", "group", "group_text"];
    let is_asked = names.iter().any(|name| form.filled(name).is_some());
    let mut errors = Vec::new();
    let customer = asked::customer(conn, &mut form, &mut errors)?;
    let buyer = store::buyer(conn, live, customer)?;
    let today = store_day(now, buyer.zone);
    let day = form.filled("date").map_or(Ok(today), |text| instants::day(text, buyer.zone)).unwrap_or_else(|fault| {
        errors.push(FieldError::new("date", format!("{}.", fault.message)));
        today
    });
    if !is_asked {
        return Ok((form.with("date", day).refused(errors), None));
    }
    if customer.is_none() && errors.iter().all(|error| error.field != "customer") {
        errors.push(FieldError::new("customer", "Choose a customer from the list, or type its code or whole name."));
    }
    let sku = form.filled("product_text").map(str::to_owned).map(|text| asked::product(conn, &text)).transpose()?;
    let sku = sku.flatten();
    if sku.is_none() {
        errors.push(FieldError::new("product", "Choose a product from the list, or type its SKU."));
    }
    let quantity = form.filled("quantity").map_or(Ok(1), asking::quantity).unwrap_or_else(|message| {
        errors.push(FieldError::new("quantity", message));
        1
    });
    let expected = expected(conn, &mut form, &mut errors)?;
    form.set("date", day);
    let (Some(sku), true) = (sku, errors.is_empty()) else { return Ok((form.refused(errors), None)) };
    form.set("product_text", &sku);
    let level = expected.as_ref().and_then(|group| buyer.book.level(group.id));
    // An inactive group prices nothing for anybody.
    let there = level.filter(|level| level.counts).map(|level| buyer.as_if_in(level));
    let mut wanted = buyer.wanted();
    if let Some(there) = &there {
        wanted.extend(there.wanted());
    }
    let wares = store::wares(conn, &wanted, &[&sku])?;
    let Some(ware) = wares.of(&sku) else { return Ok((form, None)) };
    let question = Question { quantity, day, currency: buyer.currency };
    let automatic = expected.as_ref().is_some_and(|group| group.kind() == GroupType::Automatic);
    let priced = buyer.prices([(ware, quantity)], &question);
    let Some(priced) = priced.first() else { return Ok((form, None)) };
    let compared = there
        .as_ref()
        .and_then(|there| Compared::of(priced, there.prices([(ware, quantity)], &question).first()?, there));
    let found = findings(&buyer, priced, level, buyer.currency, day);
    let ways = Ways { customer, product: ware.product.id, automatic };
    let price = priced.unit_price().map_or_else(|| "nothing".into(), |price| buyer.currency.format(price));
    let name = buyer.customer.as_ref().map_or_else(String::new, |customer| customer.name.clone());
    let base = buyer.currency.format(ware.product.base_price);
    let query = Query::new("/tools/price-check", "").with("date", day).and("sku", &sku).and("quantity", quantity);
    let causes = found.iter().map(|finding| i64::from(finding.weight == Weight::Cause)).sum();
    let query = customer.map_or(query.clone(), |id| query.and("customer", id));
    let answer = Answer {
        headline: format!(
            "{name} pays {price} for {} on {}; the base price is {base}.",
            ware.product.name,
            long_day(day)
        ),
        causes: if causes == 0 { String::new() } else { counted(causes, "cause", "causes") },
        compared,
        price_check: query.url(),
        order_check: Query::new("/tools/order-check", "").url(),
        checks: Check::ALL
            .into_iter()
            .map(|check| Part {
                label: check.label(),
                findings: found.iter().filter(|found| found.check == check).map(|found| ways.told(found)).collect(),
            })
            .collect(),
    };
    Ok((form, Some(answer)))
}

/// The group whose discount is missed, where one is named.
fn expected(
    conn: &mut PgConnection,
    form: &mut FormState,
    errors: &mut Vec<FieldError>,
) -> Result<Option<groups::Group>> {
    if form.filled("group_text").is_none() && form.filled("group").is_none() {
        return Ok(None);
    }
    let id = match chosen_group(form, "group", |text| naming::by_name_or_code(conn, text))? {
        Parent::Group(id) => Some(id),
        Parent::Top | Parent::Unknown => Uuid::try_parse(form.value("group")).ok().filter(|_| !form.has("group_text")),
    };
    let group = id.map(|id| groups::any(conn, id)).transpose()?.flatten().filter(|group| group.deleted_at.is_none());
    match &group {
        Some(group) => {
            form.set("group", group.id);
            form.set("group_text", &group.name);
        }
        None => errors.push(FieldError::new("group", "Choose a group from the list, or type its name or code.")),
    }
    Ok(group)
}

/// Where things are mended.
struct Ways {
    customer: Option<Uuid>,
    product: Uuid,
    /// Whether the group that is expected is filled by its rule alone.
    automatic: bool,
}

impl Ways {
    fn told(&self, finding: &Finding) -> Told {
        Told {
            badge: match finding.weight {
                Weight::Cause => ("bad", "circle-x", "Cause"),
                Weight::Note => ("quiet", "info-circle", "Note"),
                Weight::Fine => ("good", "circle-check", "Fine"),
            },
            sentence: finding.sentence.clone(),
            links: finding.mend.map(|mend| self.links(mend)).unwrap_or_default(),
        }
    }

    fn links(&self, mend: Mend) -> Vec<(&'static str, String)> {
        let customer = self.customer.map(|id| format!("/customers/{id}"));
        match mend {
            Mend::Customer => customer.into_iter().map(|path| ("Open the customer", path)).collect(),
            Mend::Organization => customer
                .into_iter()
                .map(|path| ("Change the customer's organization", format!("{path}/edit")))
                .collect(),
            Mend::Group(id) => vec![("Open the group", format!("/groups/{id}"))],
            Mend::Membership(group) => {
                let with = |path: &str| {
                    let query = Query::new(path, "").and("group", group);
                    self.customer.map_or(query.clone(), |customer| query.and("customer", customer)).url()
                };
                match self.automatic {
                    true => vec![("Test the group's rule with this customer", with("/tools/rule-test"))],
                    false => vec![
                        ("Add the customer", format!("/groups/{group}/members/add")),
                        ("Can it be added?", with("/tools/cannot-add")),
                    ],
                }
            }
            Mend::Pricing(id) => vec![("Change the pricing", format!("/groups/{id}/pricing"))],
            Mend::Visibility(id) => vec![("Change what the group sees", format!("/groups/{id}/visibility"))],
            Mend::List(id) => vec![("Open the price list", format!("/price-lists/{id}"))],
            Mend::Inheritance(id) => vec![("Change what it inherits", format!("/groups/{id}/inheritance"))],
            Mend::Product => vec![("Open the product", format!("/products/{}", self.product))],
        }
    }
}
