//! Finding while typing: the palette behind `Ctrl+K`, which finds whatever has a name, and pages, and the fields that choose
//! a group.

use super::super::store::naming::{self, Found};
use crate::auth::role::{Actor, Permission};
use crate::campaigns::store as campaigns;
use crate::clock::Clock;
use crate::customers::store::finding as customers;
use crate::db::Db;
use crate::db::keyset::Place;
use crate::error::Result;
use crate::organizations::store::finding as organizations;
use crate::price_lists::store::PriceList;
use crate::price_lists::store::list as price_lists;
use crate::products::store as products;
use crate::promotions::listing as campaign_listing;
use crate::promotions::store::PromotionRow;
use crate::promotions::store::list as promotions;
use crate::segments::store::list as segments;
use crate::visibility_groups::listing::Wanted;
use crate::visibility_groups::store::list as visibility_groups;
use crate::web::errors::PageError;
use crate::web::find::{FoundOption, Hit, JumpResults, Options, Section};
use crate::web::format::counted;
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use diesel::PgConnection;
use serde::Deserialize;

const HITS: i64 = 8;
/// Customers that the palette shows.
const CUSTOMERS: usize = 8;
/// Hits of kinds that stand below the groups.
const FEWER: i64 = 5;
/// As many visibility groups.
const VISIBILITY_GROUPS: usize = 5;
/// As many campaigns.
const CAMPAIGNS: usize = 5;
/// As many segments.
const SEGMENTS: usize = 5;

/// What is searched.
#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    /// `1`: All Customers is a choice, too.
    #[serde(default)]
    root: String,
}

impl Asked {
    fn text(&self) -> String {
        self.q.chars().filter(|c| *c != '\0').take(120).collect()
    }
}

#[derive(Template)]
#[template(path = "groups/search.html")]
struct SearchPage {
    shell: Shell,
    sections: Vec<Section>,
    q: String,
}

/// `GET /search`: whatever has a name that fits, and pages; for the palette, or as a page of its own.
pub async fn jump(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let q = asked.text();
    let (text, today) = (q.clone(), clock.now().date_naive());
    let kinds = db.read(move |conn| everything(conn, &text, today)).await?;
    let sections = kinds
        .into_iter()
        .chain([("Pages", page_hits(&shell, &q))])
        .filter(|(_, hits)| !hits.is_empty())
        .map(|(label, hits)| Section { label: label.into(), hits })
        .collect();
    Ok(if hx.wants("jump-results") {
        respond::page(&JumpResults { sections, q })?
    } else {
        respond::page(&SearchPage { shell, sections, q })?
    })
}

/// What is found in the database, by kind.
fn everything(conn: &mut PgConnection, text: &str, today: NaiveDate) -> Result<[(&'static str, Vec<Hit>); 9]> {
    let groups = group_hits(naming::search(conn, text, true, HITS)?);
    // Nothing typed fits every customer: nobody looks for the first few of a million.
    let (customers, organizations) = match text.trim() {
        "" => (Vec::new(), Vec::new()),
        text => (customers::search(conn, text, CUSTOMERS)?, organizations::search(conn, text, HITS)?),
    };
    let set = Wanted { text: text.trim().to_owned(), ..Wanted::default() };
    let campaign = campaign_listing::Wanted { text: text.trim().to_owned(), ..campaign_listing::Wanted::default() };
    Ok([
        ("Groups", groups),
        ("Customers", customer_hits(customers)),
        ("Organizations", organization_hits(organizations)),
        ("Products", product_hits(products::search(conn, text, FEWER)?)),
        ("Price lists", price_list_hits(price_lists::search(conn, text, FEWER)?)),
        ("Visibility groups", visibility_group_hits(visibility_groups::page(conn, &set, VISIBILITY_GROUPS)?.rows)),
        ("Promotions", promotion_hits(promotions::search(conn, text, FEWER)?)),
        ("Campaigns", campaign_hits(campaigns::page(conn, &campaign, today, CAMPAIGNS)?.rows)),
        ("Segments", segment_hits(segments::page(conn, text, &Place::Start, SEGMENTS)?.rows)),
    ])
}

fn product_hits(found: Vec<products::Found>) -> Vec<Hit> {
    let hit = |product: products::Found| Hit {
        path: format!("/products/{}", product.id),
        label: product.name,
        hint: product.sku,
        icon: "package",
    };
    found.into_iter().map(hit).collect()
}

fn price_list_hits(found: Vec<PriceList>) -> Vec<Hit> {
    let hit = |list: PriceList| Hit {
        path: format!("/price-lists/{}", list.id),
        label: list.name,
        hint: list.code,
        icon: "tag",
    };
    found.into_iter().map(hit).collect()
}

fn visibility_group_hits(found: Vec<visibility_groups::Row>) -> Vec<Hit> {
    let hit = |row: visibility_groups::Row| Hit {
        path: format!("/visibility-groups/{}", row.set.id),
        label: row.set.name,
        hint: String::new(),
        icon: "eye",
    };
    found.into_iter().map(hit).collect()
}

fn promotion_hits(found: Vec<PromotionRow>) -> Vec<Hit> {
    let hit = |promotion: PromotionRow| Hit {
        path: format!("/promotions/{}", promotion.id),
        label: promotion.name,
        hint: promotion.code,
        icon: "discount",
    };
    found.into_iter().map(hit).collect()
}

fn campaign_hits(found: Vec<campaigns::Row>) -> Vec<Hit> {
    let hit = |row: campaigns::Row| Hit {
        path: format!("/campaigns/{}", row.campaign.id),
        label: row.campaign.name,
        hint: row.campaign.code,
        icon: "speakerphone",
    };
    found.into_iter().map(hit).collect()
}

fn segment_hits(found: Vec<segments::Row>) -> Vec<Hit> {
    let hit = |row: segments::Row| Hit {
        path: format!("/segments/{}", row.segment.id),
        label: row.segment.name,
        hint: String::new(),
        icon: "target-arrow",
    };
    found.into_iter().map(hit).collect()
}

fn group_hits(found: Vec<Found>) -> Vec<Hit> {
    found
        .into_iter()
        .map(|group| Hit {
            hint: hint(&group),
            path: format!("/groups/{}", group.id),
            label: group.name,
            icon: "users-group",
        })
        .collect()
}

fn customer_hits(found: Vec<customers::Found>) -> Vec<Hit> {
    let hint = |customer: &customers::Found| match &customer.email {
        Some(email) => format!("{} · {email}", customer.code),
        None => customer.code.clone(),
    };
    let hit = |customer: customers::Found| Hit {
        hint: hint(&customer),
        path: format!("/customers/{}", customer.id),
        label: customer.name,
        icon: "user",
    };
    found.into_iter().map(hit).collect()
}

fn organization_hits(found: Vec<organizations::Found>) -> Vec<Hit> {
    let hit = |organization: organizations::Found| Hit {
        hint: organization.code,
        path: format!("/organizations/{}", organization.id),
        label: organization.name,
        icon: "building",
    };
    found.into_iter().map(hit).collect()
}

fn hint(group: &Found) -> String {
    match &group.parent {
        Some(parent) => format!("{} · under {parent}", group.code),
        None => group.code.clone(),
    }
}

fn page_hits(shell: &Shell, q: &str) -> Vec<Hit> {
    let wanted = q.trim().to_lowercase();
    shell
        .menu()
        .into_iter()
        .flat_map(|section| section.items.into_iter().map(move |item| (section.label, item)))
        .filter(|(_, item)| item.label.to_lowercase().contains(&wanted))
        .map(|(section, item)| Hit {
            label: item.label.into(),
            hint: section.into(),
            path: item.path.into(),
            icon: item.icon,
        })
        .collect()
}

/// `GET /groups/options`: groups for a field that chooses one.
pub async fn options(db: web::Data<Db>, actor: Actor, asked: web::Query<Asked>) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let (text, with_root) = (asked.text(), asked.root == "1");
    let found = db.read(move |conn| naming::search(conn, &text, with_root, HITS)).await?;
    let option = |group: Found| FoundOption {
        hint: format!("{} · {}", hint(&group), counted(i64::from(group.member_count), "customer", "customers")),
        id: group.id.to_string(),
        label: group.name,
    };
    Ok(respond::page(&Options { options: found.into_iter().map(option).collect() })?)
}
