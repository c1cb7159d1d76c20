//! What a page's address asks: a customer or nobody, products with quantities, a day, a currency.

use crate::clock::store_day;
use crate::error::{FieldError, Result};
use crate::imports::instants;
use crate::inheritance::store::live::LiveSettings;
use crate::members::store::explain;
use crate::money::Currency;
use crate::pricing::asking::{self, Buyer, MOST_ITEMS, Priced, Wares};
use crate::pricing::facts::Question;
use crate::pricing::store::asking as store;
use crate::products::store as products;
use crate::web::forms::FormState;
use crate::web::query::Query;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use uuid::Uuid;

/// The most products of a page.
const MOST_LINES: usize = 50;
const _: () = assert!(MOST_LINES <= MOST_ITEMS);

/// A product that is asked about.
pub struct Line {
    /// SKU.
    pub sku: String,
    /// As typed.
    pub typed: String,
    /// 1 where what was typed is none.
    pub quantity: i32,
}

/// A product of the form.
pub struct Row {
    /// The name of its quantity among the errors.
    pub field: String,
    /// SKU.
    pub sku: String,
    /// Name; empty where there is no such product.
    pub name: String,
    /// As typed.
    pub quantity: String,
    /// The address that asks without it.
    pub without: String,
}

/// The question of an address.
pub struct Asked {
    /// What was typed, with what is wrong with it.
    pub form: FormState,
    /// Who buys.
    pub buyer: Buyer,
    /// When, and in which currency.
    pub question: Question,
    /// What.
    pub lines: Vec<Line>,
    /// The products of the lines.
    pub wares: Wares,
}

impl Asked {
    /// Whether everything was understood.
    pub fn is_clear(&self) -> bool {
        self.form.errors().is_empty()
    }

    /// The address that asks the same again, and of the same day.
    pub fn address(&self, path: &str) -> Query {
        let query = Query::new(path, "").with("date", self.question.day);
        let query = match &self.buyer.customer {
            Some(customer) => query.with("customer", customer.id),
            None => query,
        };
        let query = match self.question.currency {
            currency if currency == self.buyer.currency => query,
            currency => query.with("currency", currency.code()),
        };
        self.lines.iter().fold(query, |query, line| query.and("sku", &line.sku).and("quantity", line.quantity))
    }

    /// The same without one of its lines.
    pub fn without(&self, path: &str, at: usize) -> String {
        let mut query = self.address(path).without("sku").without("quantity");
        for (_, line) in self.lines.iter().enumerate().filter(|(n, _)| *n != at) {
            query = query.and("sku", &line.sku).and("quantity", line.quantity);
        }
        query.url()
    }
}

impl Asked {
    /// The products of the form.
    pub fn rows(&self, path: &str) -> Vec<Row> {
        let name = |sku: &str| self.wares.of(sku).map_or_else(String::new, |ware| ware.product.name.clone());
        let row = |(at, line): (usize, &Line)| Row {
            field: format!("quantity-{at}"),
            sku: line.sku.clone(),
            name: name(&line.sku),
            quantity: line.typed.clone(),
            without: self.without(path, at),
        };
        self.lines.iter().enumerate().map(row).collect()
    }

    /// The prices of the lines whose product is there.
    pub fn prices(&self) -> Vec<Priced<'_>> {
        let items = self.lines.iter().filter_map(|line| Some((self.wares.of(&line.sku)?, line.quantity)));
        self.buyer.prices(items, &self.question)
    }
}

/// Reads an address. What can't be understood is told at its field.
pub fn read(conn: &mut PgConnection, live: &LiveSettings, mut form: FormState, now: DateTime<Utc>) -> Result<Asked> {
    let mut errors = Vec::new();
    let customer = customer(conn, &mut form, &mut errors)?;
    let buyer = store::buyer(conn, live, customer)?;
    let today = store_day(now, buyer.zone);
    let day = form.filled("date").map_or(Ok(today), |text| instants::day(text, buyer.zone)).unwrap_or_else(|fault| {
        errors.push(FieldError::new("date", format!("{}.", fault.message)));
        today
    });
    let currency = form.filled("currency").map_or(Some(buyer.currency), Currency::from_code).unwrap_or_else(|| {
        errors.push(FieldError::new("currency", "Choose an ISO 4217 currency such as USD or EUR."));
        buyer.currency
    });
    let lines = lines(conn, &mut form, &mut errors)?;
    let skus: Vec<&str> = lines.iter().map(|line| line.sku.as_str()).collect();
    let wares = store::wares(conn, &buyer.wanted(), &skus)?;
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| wares.of(&line.sku).is_none()) {
        let message = format!("There is no product with the SKU “{}”. Take it out, or choose another.", line.sku);
        errors.push(FieldError::new(format!("quantity-{at}"), message));
    }
    form.set("date", day);
    form.set("currency", currency.code());
    let question = Question { quantity: 1, day, currency };
    Ok(Asked { form: form.refused(errors), buyer, question, lines, wares })
}

/// Who buys: by id where its name still stands in the field, otherwise by what stands there; nobody where it is empty.
pub fn customer(conn: &mut PgConnection, form: &mut FormState, errors: &mut Vec<FieldError>) -> Result<Option<Uuid>> {
    let id = Uuid::try_parse(form.value("customer"));
    let picked = id.ok().map(|id| explain::customer(conn, id)).transpose()?.flatten();
    let typed = form.filled("customer_text").map(str::to_owned);
    let found = match (picked, typed) {
        (Some(found), None) => Some(found),
        (Some(found), Some(text)) if found.name == text => Some(found),
        (_, Some(text)) => explain::by_code_or_name(conn, &text)?,
        // An empty field that scripts or the person left so asks for a guest; a wrong id is no guest.
        (None, None) if form.filled("customer").is_none() || form.has("customer_text") => return Ok(None),
        (None, None) => None,
    };
    match found {
        Some(found) => {
            form.set("customer", found.id);
            form.set("customer_text", &found.name);
            Ok(Some(found.id))
        }
        None => {
            let message =
                "Choose a customer from the list, or type its code or whole name. Leave it empty for a guest.";
            errors.push(FieldError::new("customer", message));
            Ok(None)
        }
    }
}

/// Pairs of `sku` and `quantity`, and the product that is added.
fn lines(conn: &mut PgConnection, form: &mut FormState, errors: &mut Vec<FieldError>) -> Result<Vec<Line>> {
    let quantities = form.values("quantity").chain(std::iter::repeat("1"));
    let mut lines: Vec<Line> = Vec::new();
    for (sku, typed) in form.values("sku").zip(quantities).take(MOST_LINES) {
        let quantity = quantity(typed).unwrap_or_else(|message| {
            errors.push(FieldError::new(format!("quantity-{}", lines.len()), message));
            1
        });
        lines.push(Line { sku: sku.to_owned(), typed: typed.to_owned(), quantity });
    }
    let is_full = form.values("sku").count() >= MOST_LINES;
    let Some(text) = form.filled("add_text").map(str::to_owned) else { return Ok(lines) };
    if is_full {
        errors.push(FieldError::new("add", format!("A check has at most {MOST_LINES} products. Take one out first.")));
        return Ok(lines);
    }
    let typed = form.filled("add_quantity").unwrap_or("1").to_owned();
    match (product(conn, &text)?, quantity(&typed)) {
        (Some(sku), Ok(quantity)) => {
            for name in ["add", "add_text", "add_quantity"] {
                form.remove(name);
            }
            lines.push(Line { sku, typed, quantity });
        }
        (None, _) => errors.push(FieldError::new("add", "Choose a product from the list, or type its SKU.")),
        (_, Err(message)) => errors.push(FieldError::new("add_quantity", message)),
    }
    Ok(lines)
}

fn quantity(typed: &str) -> Result<i32, &'static str> {
    if typed.trim().is_empty() { Ok(1) } else { asking::quantity(&typed.replace(',', "")) }
}

/// The SKU that is meant: exactly this one, or that of the only product that the text finds.
pub fn product(conn: &mut PgConnection, text: &str) -> Result<Option<String>> {
    let found = products::search(conn, text, 2)?;
    let exact = found.first().is_some_and(|first| first.sku == text.trim());
    let only = exact || found.len() == 1;
    Ok(found.into_iter().next().filter(|_| only).map(|product| product.sku))
}
