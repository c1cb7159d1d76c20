//! What a change of a group's products would do, before it is saved.

use super::super::shelf::Shelf;
use super::super::store::shelves;
use crate::db::keyset::Place;
use crate::error::Result;
use crate::groups::store::{self as groups, Group};
use crate::impact::panel::Panel;
use crate::impact::store::assess::Look;
use crate::impact::store::rehearse::rehearse;
use crate::impact::store::today;
use crate::inheritance::store::live::LiveSettings;
use crate::products::choosing::{Chosen, Search, Side};
use crate::products::store::{Product, choosing};
use crate::web::format::{counted, filters};
use crate::web::forms::FormState;
use crate::web::shell::Shell;
use askama::Template;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use uuid::Uuid;

/// How many of the products are named, and looked at.
const NAMED: usize = 20;

/// The products that would come or go, beside what that does.
#[derive(Template)]
#[template(path = "group_settings/products_review.html")]
pub(super) struct Review {
    shell: Shell,
    group: Group,
    shelf: Shelf,
    side: Side,
    /// The first of them.
    products: Vec<Product>,
    count: i64,
    chosen: Chosen,
    version: i32,
    panel: Panel,
}

impl Review {
    fn further(&self) -> i64 {
        self.count - i64::try_from(self.products.len()).unwrap_or_default()
    }

    fn base(&self) -> String {
        format!("/groups/{}/{}", self.group.id, self.shelf.path())
    }

    fn verb(&self) -> &'static str {
        match (self.shelf, self.side) {
            (_, Side::In) => "Remove them",
            (Shelf::Included, Side::Out) => "Include them",
            (Shelf::Excluded, Side::Out) => "Exclude them",
            (Shelf::Discounted, Side::Out) => "Discount them",
        }
    }

    fn title(&self) -> String {
        let products = counted(self.count, "product", "products");
        match (self.shelf, self.side) {
            (Shelf::Included, Side::Out) => format!("Include {products}?"),
            (Shelf::Included, Side::In) => format!("No longer include {products}?"),
            (Shelf::Excluded, Side::Out) => format!("Exclude {products}?"),
            (Shelf::Excluded, Side::In) => format!("No longer exclude {products}?"),
            (Shelf::Discounted, Side::Out) => format!("Discount {products}?"),
            (Shelf::Discounted, Side::In) => format!("No longer discount {products}?"),
        }
    }
}

/// The page that shows the impact; `None` where nobody notices or it was seen.
pub(super) fn review(
    conn: &mut PgConnection,
    live: &LiveSettings,
    shell: Shell,
    (id, shelf, side): (Uuid, Shelf, Side),
    form: &FormState,
    chosen: &Chosen,
    now: DateTime<Utc>,
    change: &mut impl FnMut(&mut PgConnection) -> Result<usize>,
) -> Result<Option<Review>> {
    let reviewed = digest(shelf, side, chosen);
    if form.value("reviewed") == reviewed {
        return Ok(None);
    }
    let group = groups::live(conn, id)?;
    let condition = || shelves::on(shelf, side, id).sql(" AND ").then(choosing::among(chosen));
    let everything = Search::default();
    let products = choosing::page(conn, condition(), &everything, &Place::Start, NAMED)?.rows;
    let count = choosing::count(conn, condition(), &everything)?;
    let question = today(conn, now)?;
    let ids: Vec<Uuid> = products.iter().map(|product| product.id).collect();
    let look = Look { products: &ids, ..Look::default() };
    let impact = rehearse(conn, live, &question, look, |conn| change(conn).map(drop))?;
    if !impact.is_noticed() {
        return Ok(None);
    }
    Ok(Some(Review {
        shell,
        version: group.version,
        group,
        shelf,
        side,
        products,
        count,
        chosen: chosen.clone(),
        panel: Panel::showing(question.currency, impact, reviewed, String::new()),
    }))
}

/// Says which change was looked at.
fn digest(shelf: Shelf, side: Side, chosen: &Chosen) -> String {
    let mut form = FormState::new().with("shelf", shelf.path()).with("added", side == Side::Out);
    match chosen {
        Chosen::Some(ids) => ids.iter().for_each(|id| form.push("product", id)),
        Chosen::Matching { search, count } => {
            form.push("q", &search.text);
            form.push("category", search.category.as_deref().unwrap_or_default());
            form.push("count", count);
        }
    }
    form.digest(&[])
}
