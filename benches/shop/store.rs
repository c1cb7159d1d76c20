//! What a customer pays: `POST /store/prices`, against the two lookups that any resolver of prices needs.

use crate::bench::{Bench, Stage};
use crate::floors::Outcome;
use crate::table::Line;
use crate::timing::{self, Request, Runs};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

/// Connections.
pub const CALLERS: usize = 16;
/// Items of the larger question.
const ITEMS: usize = 50;
/// What marks the lists that are added for a while.
const MARK: &str = "BENCH-STORE-";

/// A product, and who asks what it costs.
#[derive(QueryableByName)]
pub struct Asked {
    #[diesel(sql_type = SqlUuid)]
    customer: Uuid,
    #[diesel(sql_type = SqlUuid)]
    product: Uuid,
    #[diesel(sql_type = Text)]
    pub sku: String,
    #[diesel(sql_type = SqlUuid)]
    list: Uuid,
    #[diesel(sql_type = BigInt)]
    base: i64,
}

/// A customer of a group that has a list in force, and a product of that list.
const ASKED: &str = "
    SELECT m.customer_id AS customer, p.id AS product, p.sku, l.id AS list, p.base_price AS base
    FROM group_price_lists x JOIN price_lists l ON l.id = x.price_list_id AND l.status = 'active' AND l.valid_to IS NULL
    JOIN groups g ON g.id = x.group_id AND g.status = 'active' AND g.deleted_at IS NULL AND g.member_count > 100
    JOIN LATERAL (SELECT m.customer_id FROM memberships m JOIN customers c ON c.id = m.customer_id
                  WHERE m.group_id = g.id AND c.organization_id IS NULL ORDER BY m.since LIMIT 1) m ON true
    JOIN LATERAL (SELECT product_id FROM price_list_entries e WHERE e.price_list_id = l.id AND e.min_quantity = 1
                  ORDER BY product_id LIMIT 1) e ON true
    JOIN products p ON p.id = e.product_id
    ORDER BY x.group_id, x.price_list_id LIMIT 1";

#[derive(QueryableByName)]
struct Sku {
    #[diesel(sql_type = Text)]
    sku: String,
}

/// A shop that asks for prices.
pub struct Shop {
    pub url: String,
    token: String,
    customer: Uuid,
}

impl Shop {
    pub fn request(&self, skus: &[&str], explain: bool) -> Request {
        Request {
            url: format!("{}/store/prices", self.url),
            headers: vec![
                ("Authorization".into(), format!("Bearer {}", self.token)),
                ("Content-Type".into(), "application/json".into()),
            ],
            form: Some(self.body(skus, explain).to_string()),
        }
    }

    fn body(&self, skus: &[&str], explain: bool) -> Value {
        let items: Vec<Value> = skus.iter().map(|sku| json!({"sku": sku, "quantity": 1})).collect();
        json!({"customerId": self.customer, "items": items, "explain": explain})
    }
}

/// Whom the scenarios ask as, and for what.
pub fn asking(stage: &mut Stage<'_>) -> Outcome<(Shop, Asked)> {
    let asked: Asked = diesel::sql_query(ASKED).get_result(&mut stage.conn)?;
    let (url, token) = (stage.browser.address.clone(), stage.visitor.token.clone());
    Ok((Shop { url, token, customer: asked.customer }, asked))
}

/// One product, explained, fifty, and one among 9,000 more lists.
pub fn measure(bench: &mut Bench, stage: &mut Stage<'_>) -> Outcome<()> {
    let (shop, asked) = asking(stage)?;
    let answer = stage.browser.api_post("/store/prices", &shop.token, &shop.body(&[&asked.sku], true))?;
    let item = &answer["items"][0];
    let base = format!("{}.{:02}", asked.base / 100, asked.base % 100);
    let looked = item["trace"].as_array().is_some_and(|trace| trace.iter().any(|step| step["kind"] == "price_list"));
    if item["sku"] != asked.sku.as_str() || item["basePrice"] != base.as_str() || !looked {
        return Err(format!("the price is not that of the stored product: {answer}").into());
    }
    let one = shop.request(&[&asked.sku], false);
    let ours = one_item(bench, stage, &asked, &one)?;
    let found: Vec<Sku> = diesel::sql_query(
        "SELECT p.sku FROM price_list_entries e JOIN products p ON p.id = e.product_id WHERE e.price_list_id = $1
         GROUP BY p.sku ORDER BY p.sku LIMIT $2",
    )
    .bind::<SqlUuid, _>(asked.list)
    .bind::<BigInt, _>(i64::try_from(ITEMS)?)
    .load(&mut stage.conn)?;
    let skus: Vec<&str> = found.iter().map(|sku| sku.sku.as_str()).collect();
    let many = shop.request(&skus, false);
    against(bench, &format!("prices of {} items, against one", skus.len()), &many, &one, "≤ 4 × one", 4.0)?;
    let explained = shop.request(&[&asked.sku], true);
    against(bench, "price of one item, explained", &explained, &one, "≤ 2 × without", 2.0)?;
    among_more_lists(bench, stage, &asked, &one, &ours)
}

fn one_item(bench: &mut Bench, stage: &Stage<'_>, asked: &Asked, one: &Request) -> Outcome<Runs> {
    let script = format!(
        "SELECT m.group_id, m.since, m.is_primary, g.status FROM memberships m JOIN groups g ON g.id = m.group_id \
           WHERE m.customer_id = '{}' AND g.deleted_at IS NULL;\n\
         SELECT price_list_id, min_quantity, price FROM price_list_entries WHERE price_list_id = '{}' AND product_id = '{}';\n",
        asked.customer, asked.list, asked.product
    );
    let (ours, floor) = bench.runs(
        |lasting| timing::requests(one, CALLERS, lasting),
        |lasting| timing::pgbench(stage.url, &script, CALLERS, lasting),
    )?;
    let ratio = ours.per_second() / floor.per_second();
    let told = |runs: &Runs| format!("{:.0}/s ({:.1}, {:.1} ms)", runs.per_second(), runs.p50(), runs.p99());
    let (least, most) = ours.between(|run| run.per_second);
    bench.add(Line {
        scenario: format!("price of one item, {CALLERS} connections (floor: pgbench)"),
        ours: told(&ours),
        floor: told(&floor),
        ratio: format!("{ratio:.2} ×"),
        spread: format!("{least:.0}–{most:.0}/s"),
        goal: "≥ 0.5 × pgbench".into(),
        met: Some(ratio >= 0.5),
    });
    Ok(ours)
}

/// One question against another, each by itself on one connection.
fn against(bench: &mut Bench, name: &str, ours: &Request, other: &Request, goal: &str, most: f64) -> Outcome<()> {
    let (ours, other) =
        bench.runs(|lasting| timing::requests(ours, 1, lasting), |lasting| timing::requests(other, 1, lasting))?;
    let ratio = ours.p50() / other.p50();
    let line = crate::bench::latencies(&ours, &other);
    bench.add(Line { scenario: name.into(), goal: goal.into(), met: Some(ratio <= most), ..line });
    Ok(())
}

/// The same question among 9,000 lists that don't concern the customer, each with the product.
fn among_more_lists(
    bench: &mut Bench,
    stage: &mut Stage<'_>,
    asked: &Asked,
    one: &Request,
    before: &Runs,
) -> Outcome<()> {
    forget_lists(&mut stage.conn)?;
    diesel::sql_query(format!(
        "INSERT INTO price_lists (id, code, name, currency)
         SELECT gen_random_uuid(), '{MARK}' || n, 'Bench ' || n, 'USD' FROM generate_series(1, 9000) n"
    ))
    .execute(&mut stage.conn)?;
    diesel::sql_query(format!(
        "INSERT INTO price_list_entries SELECT id, $1, 1, 1 FROM price_lists WHERE code LIKE '{MARK}%'"
    ))
    .bind::<SqlUuid, _>(asked.product)
    .execute(&mut stage.conn)?;
    diesel::sql_query("ANALYZE price_lists, price_list_entries").execute(&mut stage.conn)?;
    let measured = (|| {
        timing::requests(one, CALLERS, Duration::from_secs(1))?;
        (0..bench.repeats).map(|_| timing::requests(one, CALLERS, bench.lasting)).collect::<Outcome<Vec<_>>>()
    })();
    forget_lists(&mut stage.conn)?;
    let after = Runs(measured?);
    let ratio = after.per_second() / before.per_second();
    let (least, most) = after.between(|run| run.per_second);
    bench.add(Line {
        scenario: "price of one item among 9,000 more lists, against before".into(),
        ours: format!("{:.0}/s", after.per_second()),
        floor: format!("{:.0}/s", before.per_second()),
        ratio: format!("{ratio:.2} ×"),
        spread: format!("{least:.0}–{most:.0}/s"),
        goal: "nothing measurable (≥ 0.9 ×)".into(),
        met: Some(ratio >= 0.9),
    });
    Ok(())
}

fn forget_lists(conn: &mut PgConnection) -> Outcome<()> {
    diesel::sql_query(format!("DELETE FROM price_lists WHERE code LIKE '{MARK}%'")).execute(conn)?;
    Ok(())
}
