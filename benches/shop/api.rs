//! The JSON API.

use crate::bench::{Bench, Stage};
use crate::floors::Outcome;
use crate::shop::large_group;
use crate::table::Line;
use crate::timing::{self, Request, Runs};
use clientele::schema::groups;
use diesel::prelude::*;

/// Connections of the API's scenario.
const CALLERS: usize = 16;

/// One group by its id, against `pgbench` with the token's lookup and the group's row.
pub fn measure(bench: &mut Bench, stage: &mut Stage<'_>) -> Outcome<()> {
    let id = large_group(&mut stage.conn)?;
    let path = format!("/admin/pricing/customer-groups/{id}");
    let answer = stage.browser.api(&path, &stage.visitor.token)?;
    let (name, members): (String, i32) =
        groups::table.find(id).select((groups::name, groups::member_count)).first(&mut stage.conn)?;
    if answer["name"] != name || answer["memberCount"] != members || answer["id"] != id.to_string() {
        return Err(format!("the API's group is not the stored one: {answer}").into());
    }
    let request = Request {
        url: format!("{}{path}", stage.browser.address),
        headers: vec![("Authorization".into(), format!("Bearer {}", stage.visitor.token))],
        form: None,
    };
    let hash: String = stage.visitor.token_hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let script = format!(
        "SELECT id, name, role, created_by, created_at, last_used_on FROM tokens WHERE token_hash = '\\x{hash}' AND revoked_at IS NULL;\n\
         SELECT id, code, name, description, status, type, parent_id, capacity, metadata, rule, member_count, version, created_at, updated_at, deleted_at FROM groups WHERE id = '{id}';\n"
    );
    let (ours, floor) = bench.runs(
        |lasting| timing::requests(&request, CALLERS, lasting),
        |lasting| timing::pgbench(stage.url, &script, CALLERS, lasting),
    )?;
    let ratio = ours.per_second() / floor.per_second();
    let told = |runs: &Runs| format!("{:.0}/s ({:.1}, {:.1} ms)", runs.per_second(), runs.p50(), runs.p99());
    let (least, most) = ours.between(|run| run.per_second);
    bench.add(Line {
        scenario: format!("API: one group, {CALLERS} connections (floor: pgbench)"),
        ours: told(&ours),
        floor: told(&floor),
        ratio: format!("{ratio:.2} ×"),
        spread: format!("{least:.0}–{most:.0}/s"),
        goal: "≥ 0.5 × pgbench".into(),
        met: Some(ratio >= 0.5),
    });
    Ok(())
}
