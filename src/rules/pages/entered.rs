//! What was entered in the builder: as JSON, saved, and told how that went.

use crate::auth::role::Actor;
use crate::error::{Error, Result};
use crate::rules::actions::{self, Expected};
use crate::rules::forms;
use crate::rules::run::Every;
use crate::rules::store::rules::json_of;
use crate::rules::store::runs::Run;
use crate::web::format::counted;
use crate::web::forms::FormState;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
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
