//! What was entered in the builder: as JSON, saved, and told how that went.

use crate::auth::role::Actor;
use crate::error::{Error, Result};
use crate::groups::store::naming;
use crate::rules::actions::{self, Expected};
use crate::rules::draft::Draft;
use crate::rules::forms;
use crate::rules::run::Every;
use crate::rules::store::runs::Run;
use crate::web::format::counted;
use crate::web::forms::FormState;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::Value;
use uuid::Uuid;

/// Saves the rule whose difference was shown.
pub fn save(conn: &mut PgConnection, actor: &Actor, id: Uuid, form: &FormState, now: DateTime<Utc>) -> Result<Run> {
    let number = |name: &str| form.value(name).parse::<i64>().ok();
    let (Some(joins), Some(leaves), Ok(version)) =
        (number("joins"), number("leaves"), crate::web::forms::version(form))
    else {
        return Err(Error::Malformed("The form doesn't say which difference was shown. Reload the page.".into()));
    };
    let value = json_of(conn, &forms::read(form))?;
    let entered = value.to_string();
    if form.value("shown") != entered {
        return Err(Error::Conflict(
            "The rule isn't the one that the difference was shown for. Look at it again.".into(),
        ));
    }
    let every = match (Every::from_name(form.value("every")), form.value("every")) {
        (None, given) if !given.is_empty() => {
            return Err(Error::field("every", "Choose how often the rule runs by itself."));
        }
        (every, _) => every,
    };
    actions::save(conn, actor, id, &value, every, Some(Expected { version, joins, leaves }), now)
}

/// How a run went, in one sentence.
pub fn told(run: &Run) -> String {
    let tally = run.tally();
    let mut sentence = format!(
        "{} joined and {} left; {} the rule.",
        counted(tally.joined, "customer", "customers"),
        crate::money::format_count(tally.left),
        counted(tally.matched, "customer matches", "customers match")
    );
    if tally.refused() > 0 {
        sentence.push_str(&format!(" {} could not join.", crate::money::format_count(tally.refused())));
    }
    sentence
}

/// The draft as JSON, its groups by their ids.
pub fn json_of(conn: &mut PgConnection, draft: &Draft) -> Result<Value> {
    let mut known = Vec::new();
    let mut names = draft.groups();
    names.sort_unstable();
    names.dedup();
    for name in names.into_iter().take(200) {
        if let Some(id) = naming::by_name_or_code(conn, &name)? {
            known.push((name, id.to_string()));
        }
    }
    Ok(draft.to_json(&|name| known.iter().find(|(known, _)| known == name).map(|(_, id)| id.clone())))
}
