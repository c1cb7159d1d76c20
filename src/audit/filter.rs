//! Which part of the log is meant.

use super::event::Action;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Which events to show.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only what concerns this group.
    pub group_id: Option<Uuid>,
    /// Only what happened to this: its kind as in an action's name, and its id.
    pub subject: Option<(&'static str, Uuid)>,
    /// Only this action.
    pub action: Option<Action>,
    /// Only this actor, by its exact name.
    pub actor_name: Option<String>,
    /// From this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub until: Option<DateTime<Utc>>,
}
