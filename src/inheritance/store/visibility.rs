//! Own visibility of groups: the access choice, and how many products are included or excluded one by one.

use super::Loading;
use crate::error::Result;
use crate::inheritance::own::{Access, NamedSet, OwnVisibility};
use crate::schema::{group_visibility, group_visibility_groups, group_visibility_products, visibility_groups};
use diesel::dsl::count_star;
use diesel::prelude::*;
use uuid::Uuid;

pub(super) fn load(conn: &mut PgConnection, ids: &[Uuid], levels: &mut Loading) -> Result<()> {
    let rows: Vec<(Uuid, Option<String>)> =
        group_visibility::table.filter(group_visibility::group_id.eq_any(ids)).load(conn)?;
    for (group, access) in rows {
        if let Some(level) = levels.get_mut(&group) {
            let access = access.map(|access| match access.as_str() {
                "visibility_groups" => Access::VisibilityGroups(Vec::new()),
                "products" => Access::ChosenProducts,
                _ => Access::All,
            });
            level.visibility = OwnVisibility { access, ..OwnVisibility::default() };
        }
    }
    let chosen: Vec<(Uuid, Uuid, String)> = group_visibility_groups::table
        .inner_join(visibility_groups::table)
        .filter(group_visibility_groups::group_id.eq_any(ids))
        .order((group_visibility_groups::group_id, visibility_groups::name))
        .select((group_visibility_groups::group_id, visibility_groups::id, visibility_groups::name))
        .load(conn)?;
    for (group, id, name) in chosen {
        if let Some(Access::VisibilityGroups(sets)) = levels.get_mut(&group).and_then(|l| l.visibility.access.as_mut())
        {
            sets.push(NamedSet { id, name });
        }
    }
    let products: Vec<(Uuid, String, i64)> = group_visibility_products::table
        .filter(group_visibility_products::group_id.eq_any(ids))
        .group_by((group_visibility_products::group_id, group_visibility_products::mode))
        .select((group_visibility_products::group_id, group_visibility_products::mode, count_star()))
        .load(conn)?;
    for (group, mode, count) in products {
        if let Some(level) = levels.get_mut(&group) {
            match mode.as_str() {
                "included" => level.visibility.included = count,
                _ => level.visibility.excluded = count,
            }
        }
    }
    Ok(())
}
