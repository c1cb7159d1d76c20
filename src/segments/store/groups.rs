//! The groups that segments and promotions are for: found by what was typed, named, and kept as rows "in" and "not in".

use crate::db::functions::lower;
use crate::error::Result;
use crate::inheritance::counting::State;
use crate::schema::groups;
use crate::segments::segment::{KnownGroups, MOST_GROUPS};
use diesel::prelude::*;
use uuid::Uuid;

/// A group that was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenGroup {
    /// Id.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Whether it matches anybody.
    pub state: State,
    /// Whether its customers are meant, or those that aren't.
    pub is_in: bool,
}

impl ChosenGroup {
    /// What is to be known of it beside its name; empty where it takes part.
    pub fn hint(&self) -> &'static str {
        match self.state {
            State::Active => "",
            State::Inactive => "inactive, matches nobody",
            State::Deleted => "deleted, matches nobody",
        }
    }
}

/// The live groups that are meant by ids, codes or names. Those of `kept` are known by their ids, deleted or not: what was
/// chosen stays chosen.
pub fn known(conn: &mut PgConnection, typed: &[&[String]], kept: &[Uuid]) -> Result<KnownGroups> {
    let texts: Vec<&str> = typed.iter().copied().flatten().map(|text| text.trim()).take(MOST_GROUPS + 1).collect();
    let texts: Vec<&str> = texts.into_iter().filter(|text| !text.contains('\0')).collect();
    let ids: Vec<Uuid> = texts.iter().filter_map(|text| Uuid::try_parse(text).ok()).collect();
    let small: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    let rows: Vec<(Uuid, String, String, String, bool)> =
        groups::table
            .filter(groups::id.eq_any(&ids).or(
                groups::deleted_at.is_null().and(groups::code.eq_any(&texts).or(lower(groups::name).eq_any(&small))),
            ))
            .select((groups::id, groups::code, groups::name, lower(groups::name), groups::deleted_at.is_null()))
            .load(conn)?;
    let mut found = KnownGroups::new();
    for text in texts {
        let is = |(id, code, _, folded, live): &&(Uuid, String, String, String, bool), by_name: bool| {
            if Uuid::try_parse(text).is_ok_and(|asked| asked == *id) {
                return *live || kept.contains(id);
            }
            *live && if by_name { *folded == text.to_lowercase() } else { code == text }
        };
        // A code comes before another group's name: it is what calls send. Whoever picks in a page sends an id.
        let row = rows.iter().find(|row| is(row, false)).or_else(|| rows.iter().find(|row| is(row, true)));
        if let Some((id, _, name, ..)) = row {
            found.insert(text.to_owned(), (*id, name.clone()));
        }
    }
    Ok(found)
}

/// Groups by id with whether they are "in", by name; those "in" first.
pub fn named(conn: &mut PgConnection, chosen: &[(Uuid, bool)]) -> Result<Vec<ChosenGroup>> {
    let ids: Vec<Uuid> = chosen.iter().map(|(id, _)| *id).collect();
    let rows: Vec<(Uuid, String, String, String, bool)> = groups::table
        .filter(groups::id.eq_any(&ids))
        .select((groups::id, groups::code, groups::name, groups::status, groups::deleted_at.is_not_null()))
        .order((lower(groups::name), groups::id))
        .load(conn)?;
    let mut found: Vec<ChosenGroup> = rows
        .into_iter()
        .filter_map(|(id, code, name, status, deleted)| {
            let state = match status.as_str() {
                _ if deleted => State::Deleted,
                "active" => State::Active,
                _ => State::Inactive,
            };
            let is_in = chosen.iter().find(|(known, _)| *known == id)?.1;
            Some(ChosenGroup { id, code, name, state, is_in })
        })
        .collect();
    found.sort_by_key(|group| !group.is_in);
    Ok(found)
}

/// The groups that a picker names, by name, and the texts that name none. Those of `kept` are known by their ids.
pub fn picks(conn: &mut PgConnection, typed: &[String], kept: &[Uuid]) -> Result<(Vec<ChosenGroup>, Vec<String>)> {
    let known = known(conn, &[typed], kept)?;
    let (mut ids, mut unknown): (Vec<(Uuid, bool)>, Vec<String>) = (Vec::new(), Vec::new());
    for text in typed {
        match known.get(text.trim()) {
            Some((id, _)) => ids.push((*id, true)),
            None => unknown.push(text.trim().to_owned()),
        }
    }
    Ok((named(conn, &ids)?, unknown))
}

/// The names of groups by their ids as texts, live or not, by name.
pub fn names(conn: &mut PgConnection, ids: &[String]) -> Result<Vec<String>> {
    let ids: Vec<(Uuid, bool)> = ids.iter().filter_map(|id| Some((Uuid::try_parse(id).ok()?, true))).collect();
    Ok(named(conn, &ids)?.into_iter().map(|group| group.name).collect())
}
