//! The pages of customer groups: the list and the overview.

use crate::bench::{Bench, PageGoal, Stage};
use crate::floors::{self, Outcome, Wanted};
use crate::shop::large_group;
use clientele::schema::groups;
use diesel::prelude::*;
use uuid::Uuid;

/// The list in four ways, and the overview of a large group.
pub fn measure(bench: &mut Bench, stage: &mut Stage<'_>) -> Outcome<()> {
    let session = floors::session_id(&mut stage.conn)?;
    let large = large_group(&mut stage.conn)?;
    let deep = deep_place(&mut stage.conn)?;
    let deep_path = page_after(&deep);
    let lists: [(&str, String, Wanted); 4] = [
        ("group list, first page", "/groups".into(), Wanted::First),
        ("group list, search \"nordic\"", "/groups?q=nordic".into(), Wanted::Search("nordic")),
        ("group list, by customers", "/groups?sort=-customers".into(), Wanted::ByCustomers),
        ("group list, a deep page", deep_path, Wanted::After(deep.0.to_lowercase(), deep.1)),
    ];
    for (name, path, wanted) in &lists {
        let page = stage.browser.page(path)?;
        let rows = floors::rows(&mut stage.conn, wanted)?;
        same_groups(&page, &rows, name)?;
        // Where the page brings the revenue along, so does the floor.
        let revenue = !page.contains("part=revenue");
        let plain = !path.contains("q=");
        let floor = |conn: &mut PgConnection| {
            std::hint::black_box(floors::session(conn, &session)?);
            let rows = floors::rows(conn, wanted)?;
            let ids: Vec<Uuid> = rows.iter().take(50).map(|row| row.id).collect();
            std::hint::black_box(floors::levels(conn, &ids)?);
            if revenue {
                std::hint::black_box(floors::revenue(conn, &ids)?);
            }
            match plain {
                true => drop(std::hint::black_box(floors::totals(conn)?)),
                false => drop(std::hint::black_box(floors::around(conn)?)),
            }
            Ok(())
        };
        bench.page(stage, name, &stage.browser.request(path), &floor, PageGoal::TimesAndMilliseconds)?;
    }
    let path = format!("/groups/{large}");
    let page = stage.browser.page(&path)?;
    let members = floors::members(&mut stage.conn, large)?;
    let (count, name): (i32, String) =
        groups::table.find(large).select((groups::member_count, groups::name)).first(&mut stage.conn)?;
    let counted = clientele::money::format_count(i64::from(count));
    for wanted in [counted.as_str(), name.as_str()].into_iter().chain(members.iter().take(25).map(|m| m.code.as_str()))
    {
        if !page.contains(wanted) {
            return Err(format!("the overview of {name} doesn't say {wanted}").into());
        }
    }
    let floor = |conn: &mut PgConnection| {
        std::hint::black_box(floors::session(conn, &session)?);
        std::hint::black_box(floors::details(conn, large)?);
        std::hint::black_box(floors::members(conn, large)?);
        std::hint::black_box(floors::related(conn, large)?);
        Ok(())
    };
    let name = format!("overview of a group with {counted} members");
    bench.page(stage, &name, &stage.browser.request(&path), &floor, PageGoal::TimesAndMilliseconds)
}

/// The name and id of the group in the middle of the list.
fn deep_place(conn: &mut PgConnection) -> Outcome<(String, Uuid)> {
    let count: i64 = groups::table.count().get_result(conn)?;
    let by_name = diesel::dsl::sql::<diesel::sql_types::Text>("lower(name)");
    Ok(groups::table.select((groups::name, groups::id)).order(by_name).offset(count / 2).first(conn)?)
}

/// The address of the page after a group, as the list itself writes it. Whether it is that page is proved with the
/// others.
fn page_after((name, id): &(String, Uuid)) -> String {
    let cursor = serde_json::json!({ "key": "", "name": name.to_lowercase(), "id": id }).to_string();
    format!("/groups?after={}", base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, cursor))
}

/// The page shows exactly these groups in this order.
fn same_groups(page: &str, rows: &[floors::Row], name: &str) -> Outcome<()> {
    let shown: Vec<&str> =
        page.split(r#"class="main-link" href="/groups/"#).skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let wanted: Vec<String> = rows.iter().take(50).map(|row| row.id.to_string()).collect();
    if shown != wanted {
        return Err(format!("{name}: the page shows {shown:?}, SQL gives {wanted:?}").into());
    }
    for row in rows.iter().take(50) {
        let escaped = row.name.replace('&', "&#38;");
        if !page.contains(&escaped) || !page.contains(&row.code) {
            return Err(format!("{name}: {} is missing", row.name).into());
        }
    }
    Ok(())
}
