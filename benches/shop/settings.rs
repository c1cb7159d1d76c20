//! Settings: what holds for groups, in memory and loaded; prices; the tree's page; what a change would do.

use crate::bench::{Bench, PageGoal, Stage};
use crate::floors::{self, Outcome};
use chrono::{NaiveDate, Utc};
use clientele::db::statement::statement;
use clientele::groups::group::ROOT_ID;
use clientele::impact::store::assess::assess;
use clientele::impact::store::today;
use clientele::inheritance::book::Book;
use clientele::inheritance::effective::effective;
use clientele::inheritance::level::{Level, Levels};
use clientele::inheritance::own::{Adjustment, AssignedList, Scope};
use clientele::inheritance::store::live::LiveSettings;
use clientele::money::Currency;
use clientele::pricing::facts::{Entry, Product, Question};
use clientele::pricing::resolve::{Counting, Ladder};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use rust_decimal::Decimal;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;
use uuid::Uuid;

/// Rounds of each measurement, after one that warms up.
const ROUNDS: usize = 7;
/// Memberships that a change should touch at least, where the shop has so many.
const TOUCHED: i64 = 100_000;

/// Snapshot, effective settings, prices, the hierarchy page, impact.
pub fn measure(bench: &mut Bench, stage: &mut Stage<'_>) -> Outcome<()> {
    let mut conn = PgConnection::establish(stage.url)?;
    let conn = &mut conn;
    let book = snapshots(bench, conn)?;
    in_memory(bench, &book)?;
    prices(bench)?;
    hierarchy(bench, stage, &book)?;
    impacts(bench, conn, &book)
}

/// The middle one of some rounds, in seconds; the first is no part of it.
fn middle(mut round: impl FnMut() -> Outcome<f64>) -> Outcome<f64> {
    round()?;
    let mut took = (0..ROUNDS).map(|_| round()).collect::<Outcome<Vec<f64>>>()?;
    took.sort_by(f64::total_cmp);
    Ok(took[took.len() / 2])
}

fn timed<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<f64> {
    let begun = Instant::now();
    black_box(work()?);
    Ok(begun.elapsed().as_secs_f64())
}

fn groups(conn: &mut PgConnection) -> Outcome<i64> {
    use clientele::schema::groups;
    Ok(groups::table.filter(groups::deleted_at.is_null()).count().get_result(conn)?)
}

/// All settings from PostgreSQL, and again after one group changed.
fn snapshots(bench: &mut Bench, conn: &mut PgConnection) -> Outcome<Arc<Book>> {
    let whole = middle(|| timed(|| Ok(LiveSettings::default().now(conn)?)))?;
    let live = LiveSettings::default();
    let book = live.now(conn)?;
    if i64::try_from(book.levels().len())? != groups(conn)? {
        return Err("the snapshot hasn't all groups".into());
    }
    let name = format!("settings of all {} groups from PostgreSQL", book.levels().len());
    bench.fact(&name, format!("{:.0} ms", whole * 1e3), "< 500 ms", Some(whole < 0.5));
    let one: Uuid = *book.children(ROOT_ID).first().ok_or("there is one group only")?;
    let refresh = middle(|| {
        // Committed, as another program's change is: this one has to look.
        diesel::sql_query("UPDATE groups SET inherit_portal = NOT inherit_portal WHERE id = $1")
            .bind::<SqlUuid, _>(one)
            .execute(conn)?;
        let took = timed(|| Ok(live.now(conn)?))?;
        Ok(took)
    })?;
    // The one that warms up included it was turned an even number of times: the group is as it was.
    bench.fact("settings after one group changed", format!("{:.2} ms", refresh * 1e3), "< 5 ms", Some(refresh < 0.005));
    Ok(book)
}

fn in_memory(bench: &mut Bench, book: &Book) -> Outcome<()> {
    let deepest = book.levels().keys().copied().max_by_key(|id| depth(book, *id)).ok_or("there are no groups")?;
    let one = middle(|| {
        let begun = Instant::now();
        for _ in 0..1_000 {
            black_box(effective(black_box(book.levels()), deepest));
        }
        Ok(begun.elapsed().as_secs_f64() / 1e3)
    })?;
    let name = format!("effective settings of a group {} levels deep", depth(book, deepest));
    bench.fact(&name, format!("{:.1} µs", one * 1e6), "< 20 µs", Some(one < 20e-6));
    let all = middle(|| {
        timed(|| {
            let known = book.levels().keys().filter_map(|id| black_box(effective(book.levels(), *id))).count();
            if known == book.levels().len() { Ok(()) } else { Err("a group has no settings".into()) }
        })
    })?;
    let name = format!("effective settings of all {} groups", book.levels().len());
    bench.fact(&name, format!("{:.0} ms", all * 1e3), "< 200 ms", Some(all < 0.2));
    Ok(())
}

fn depth(book: &Book, id: Uuid) -> usize {
    let mut levels = 0;
    let mut next = book.level(id).and_then(|level| level.parent_id);
    while let Some(parent) = next {
        levels += 1;
        next = book.level(parent).and_then(|level| level.parent_id);
    }
    levels
}

/// One product with ten candidates: five groups, each with a list of its own below a parent with a percentage.
fn prices(bench: &mut Bench) -> Outcome<()> {
    let id = |n: u128| Uuid::from_u128(n);
    let mut levels = Levels::new();
    let (mut entries, mut counting) = (Vec::new(), Vec::new());
    for n in 1..=5_u128 {
        let mut parent = Level { id: id(n), name: format!("Parent {n}"), counts: true, ..Level::default() };
        let percent = Decimal::from(n);
        parent.pricing.adjustment = Adjustment::Percentage { percent, adds: false, scope: Scope::All };
        let mut child = Level {
            id: id(10 + n),
            name: format!("Child {n}"),
            counts: true,
            parent_id: Some(id(n)),
            ..Level::default()
        };
        child.pricing.lists.push(AssignedList {
            id: id(20 + n),
            code: format!("L{n}"),
            name: format!("List {n}"),
            priority: 1,
            active: true,
            currency: Currency::USD,
            valid_from: None,
            valid_to: None,
        });
        entries.push(Entry { list_id: id(20 + n), min_quantity: 1, price: 9_000 + i64::try_from(n)? });
        counting.push(Counting { id: child.id, is_primary: n == 1 });
        levels.insert(parent.id, Arc::new(parent));
        levels.insert(child.id, Arc::new(child));
    }
    let product = Product::new(id(99), "PEN", 10_000, Currency::USD).with_entries(entries);
    let day = NaiveDate::from_ymd_opt(2026, 3, 10).ok_or("no day")?;
    let question = Question { quantity: 1, day, currency: Currency::USD };
    let ladder = Ladder::new(&levels, &counting, &[]);
    let price = ladder.resolve(&product, &question);
    if price.unit_price != Some(9_001) {
        return Err(format!("ten candidates give {:?}", price.unit_price).into());
    }
    let took = middle(|| {
        let begun = Instant::now();
        for _ in 0..10_000 {
            black_box(ladder.resolve(black_box(&product), &question));
        }
        Ok(begun.elapsed().as_secs_f64() / 1e4)
    })?;
    bench.fact("price of a product with 10 candidates", format!("{:.2} µs", took * 1e6), "< 5 µs", Some(took < 5e-6));
    Ok(())
}

/// The tree with a branch open: the group that has most below it, of those on the first page.
fn hierarchy(bench: &mut Bench, stage: &mut Stage<'_>, book: &Book) -> Outcome<()> {
    let open = book.children(ROOT_ID).iter().copied().take(100).max_by_key(|id| book.children(*id).len());
    let open = open.ok_or("there is one group only")?;
    let path = format!("/hierarchy?open={open}");
    let page = stage.browser.page(&path)?;
    let shown: Vec<Uuid> = [ROOT_ID, open]
        .iter()
        .flat_map(|above| book.children(*above).iter().copied())
        .filter(|id| page.contains(&format!("id=\"node-{id}\"")))
        .collect();
    if shown.len() < book.children(open).len().min(50) {
        return Err(format!("{path} shows {} groups", shown.len()).into());
    }
    let session = floors::session_id(&mut stage.conn)?;
    let floor = |conn: &mut PgConnection| {
        black_box(floors::session(conn, &session)?);
        black_box(branch(conn, &shown)?);
        black_box(floors::levels(conn, &shown)?);
        Ok(())
    };
    bench.page(stage, "hierarchy with a branch open", &stage.browser.request(&path), &floor, PageGoal::Times)?;
    let (whole, sent) = (page.len(), stage.browser.weight(&path)?);
    let told = format!("{:.1} kB ({:.0} kB before compression)", sent as f64 / 1e3, whole as f64 / 1e3);
    bench.fact("weight of the hierarchy with a branch open (br)", told, "≤ 60 KB", Some(sent <= 60_000));
    Ok(())
}

/// The rows of the tree, with their members and how many stand below each.
fn branch(conn: &mut PgConnection, ids: &[Uuid]) -> Outcome<usize> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = BigInt)]
        children: i64,
    }
    let rows: Vec<Row> = statement(
        "SELECT g.name || ' ' || g.code || ' ' || g.status || ' ' || g.member_count AS name,
                (SELECT count(*) FROM groups c WHERE c.parent_id = g.id AND c.deleted_at IS NULL) AS children
         FROM groups g WHERE g.id = ANY (",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .sql(") ORDER BY lower(g.name)")
    .load(conn)?;
    Ok(rows.iter().map(|row| row.name.len() + usize::from(row.children > 0)).sum())
}

/// A group with so many memberships in its subtree, or the largest there is; and how many it has.
fn with_memberships(conn: &mut PgConnection, book: &Book, least: i64) -> Outcome<(Uuid, i64)> {
    use clientele::schema::groups;
    let counts: Vec<(Uuid, i32)> =
        groups::table.filter(groups::deleted_at.is_null()).select((groups::id, groups::member_count)).load(conn)?;
    let own: std::collections::HashMap<Uuid, i64> =
        counts.into_iter().map(|(id, count)| (id, i64::from(count))).collect();
    let reach = |id: Uuid| book.subtree(id).iter().filter_map(|id| own.get(id)).sum::<i64>();
    let mut all: Vec<(Uuid, i64)> =
        book.levels().values().filter(|l| l.id != ROOT_ID && l.counts).map(|l| (l.id, reach(l.id))).collect();
    all.sort_by_key(|(id, reach)| (*reach, *id));
    let enough = all.iter().find(|(_, reach)| *reach >= least);
    enough.or(all.last()).copied().ok_or_else(|| "there are no groups".into())
}

/// A discount and a credit limit for everybody in a subtree; then for the whole shop.
fn impacts(bench: &mut Bench, conn: &mut PgConnection, book: &Book) -> Outcome<()> {
    let question = today(conn, Utc::now())?;
    let (group, memberships) = with_memberships(conn, book, TOUCHED)?;
    let level = book.level(group).ok_or("the group is gone")?;
    let with = |change: &dyn Fn(&mut Level)| {
        let mut level = level.clone();
        change(&mut level);
        book.with([(group, Some(Arc::new(level)))])
    };
    let percent = |level: &mut Level| {
        level.pricing.adjustment =
            Adjustment::Percentage { percent: Decimal::from(37), adds: false, scope: Scope::All };
    };
    let limit = |level: &mut Level| {
        level.terms.credit_limit = clientele::inheritance::own::Setting::Value(7_777_700);
    };
    let memberships = clientele::money::format_count(memberships);
    for (what, after) in [("a discount", with(&percent)), ("a credit limit", with(&limit))] {
        let found = assess(conn, book, &after, &question)?;
        let customers = clientele::money::format_count(found.customers);
        let took = middle(|| timed(|| Ok(assess(conn, book, &after, &question)?)))?;
        let name = format!("impact of {what} on {memberships} memberships ({customers} customers)");
        bench.fact(&name, format!("{:.0} ms", took * 1e3), "< 1 s", Some(took < 1.0));
    }
    let mut root = book.root().ok_or("there is no All Customers")?.clone();
    limit(&mut root);
    let after = book.with([(ROOT_ID, Some(Arc::new(root)))]);
    let took = timed(|| Ok(assess(conn, book, &after, &question)?))?;
    bench.fact("impact of a credit limit on the whole shop", format!("{took:.1} s"), "≤ 10 s", Some(took <= 10.0));
    Ok(())
}
