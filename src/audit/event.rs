//! An event of the log, and how it tells itself.

pub use super::action::Action;
use super::change::changes;
pub use super::change::{Change, difference};
use crate::auth::role::Actor;
use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

/// An event about to be recorded.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// What happened.
    pub action: Action,
    /// What it happened to, where that has an id.
    pub subject_id: Option<Uuid>,
    /// Its name at that time.
    pub subject_name: String,
    /// The group whose history shows it.
    pub group_id: Option<Uuid>,
    /// The fields before; an object, or nothing where the subject is new.
    pub before: Option<Value>,
    /// The fields after; an object, or nothing where the subject is gone.
    pub after: Option<Value>,
}

impl NewEvent {
    /// An event about a group.
    pub fn group(action: Action, id: Uuid, name: &str, before: Option<Value>, after: Option<Value>) -> Self {
        Self { action, subject_id: Some(id), subject_name: name.into(), group_id: Some(id), before, after }
    }

    /// An event about something else.
    pub fn about(action: Action, id: Option<Uuid>, name: &str, before: Option<Value>, after: Option<Value>) -> Self {
        Self { action, subject_id: id, subject_name: name.into(), group_id: None, before, after }
    }
}

/// A recorded event.
#[derive(Clone, Debug)]
pub struct Event {
    /// Time-ordered id.
    pub id: Uuid,
    /// When, UTC.
    pub at: DateTime<Utc>,
    /// Who, by the name it had then.
    pub actor_name: String,
    /// `user`, `token`, `command_line`, `import`, `rule_run` or `system`.
    pub actor_kind: String,
    /// The stored name of the action.
    pub action: String,
    /// What it happened to.
    pub subject_id: Option<Uuid>,
    /// Its name at that time.
    pub subject_name: String,
    /// The group concerned.
    pub group_id: Option<Uuid>,
    /// The fields before.
    pub before: Option<Value>,
    /// The fields after.
    pub after: Option<Value>,
    /// The request it happened in.
    pub request_id: Option<String>,
}

impl Event {
    /// What was done, to be followed by the subject's name: `created group`. An action that this program doesn't
    /// know (a newer one wrote it) is called by its stored name.
    pub fn verb(&self) -> &str {
        Action::from_name(&self.action).map_or(self.action.as_str(), |action| action.verb())
    }

    /// What was done, without who and when: `created group VIP Customers`.
    pub fn sentence(&self) -> String {
        format!("{} {}", self.verb(), self.subject_name)
    }

    /// All of it in one sentence: `Ann Lee changed group VIP: name from A to B, capacity set to 5`. Of a thing that
    /// is new or gone the fields are many and are left to [`Event::changes`].
    pub fn told(&self) -> String {
        let start = format!("{} {}", self.actor_name, self.sentence());
        match self.change_words() {
            words if words.is_empty() => start,
            words => format!("{start}: {words}"),
        }
    }

    /// What changed, in words; empty where the thing is new or gone.
    pub fn change_words(&self) -> String {
        if self.before.is_none() || self.after.is_none() {
            return String::new();
        }
        self.changes().iter().map(Change::words).collect::<Vec<_>>().join(", ")
    }

    /// The page of what it happened to, where that has one.
    pub fn path(&self) -> Option<String> {
        if let Some(group) = self.group_id {
            return Some(format!("/groups/{group}/history"));
        }
        let id = self.subject_id?;
        match self.action.split('.').next()? {
            "customer" => Some(format!("/customers/{id}")),
            "organization" => Some(format!("/organizations/{id}")),
            "promotion" => Some(format!("/promotions/{id}")),
            "campaign" => Some(format!("/campaigns/{id}")),
            "segment" => Some(format!("/segments/{id}")),
            "webhook" => Some(format!("/settings/webhooks/{id}")),
            _ => None,
        }
    }

    /// Who the actor was, for people: `API token`.
    pub fn actor_label(&self) -> &str {
        match self.actor_kind.as_str() {
            "user" => "Person",
            "token" => "API token",
            "command_line" => "Command line",
            "import" => "Import",
            "rule_run" => "Rule run",
            "system" => "The program",
            other => other,
        }
    }

    /// The fields that changed, in the order in which the database keeps them: short names first.
    pub fn changes(&self) -> Vec<Change> {
        changes(self.before.as_ref(), self.after.as_ref())
    }
}

/// Who an event is recorded under.
pub fn actor_columns(actor: &Actor) -> (&'static str, Option<Uuid>, &str) {
    (actor.kind.name(), actor.id, &actor.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(action: &str, before: Option<Value>, after: Option<Value>) -> Event {
        Event {
            id: Uuid::nil(),
            at: DateTime::UNIX_EPOCH,
            actor_name: "Ann Lee".into(),
            actor_kind: "user".into(),
            action: action.into(),
            subject_id: None,
            subject_name: "VIP Customers".into(),
            group_id: None,
            before,
            after,
            request_id: None,
        }
    }

    #[test]
    fn an_event_leads_to_what_it_is_about() {
        let of =
            |action: &str, subject_id, group_id| Event { subject_id, group_id, ..event(action, None, None) }.path();
        let (id, group) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(of("group.created", Some(group), Some(group)), Some(format!("/groups/{group}/history")));
        assert_eq!(of("customer.changed", Some(id), None), Some(format!("/customers/{id}")));
        assert_eq!(of("organization.created", Some(id), None), Some(format!("/organizations/{id}")));
        assert_eq!(of("promotion.changed", Some(id), None), Some(format!("/promotions/{id}")));
        assert_eq!((of("user.created", Some(id), None), of("customer.changed", None, None)), (None, None));
    }

    #[test]
    fn an_event_tells_itself() {
        let long = "word ".repeat(20);
        let quoted = format!("{}…", "word ".repeat(12));
        for (action, before, after, told) in [
            ("group.created", None, Some(json!({"name": "VIP"})), "Ann Lee created group VIP Customers".to_owned()),
            ("group.deleted", Some(json!({"name": "VIP"})), None, "Ann Lee deleted group VIP Customers".to_owned()),
            (
                "group.changed",
                Some(json!({"name": "A", "capacity": null, "parent": "Old"})),
                Some(json!({"name": "B", "capacity": 5, "parent": null})),
                "Ann Lee changed group VIP Customers: name from A to B, capacity set to 5, parent Old removed"
                    .to_owned(),
            ),
            (
                "group.changed",
                Some(json!({"description": ""})),
                Some(json!({"description": long})),
                format!("Ann Lee changed group VIP Customers: description set to {quoted}"),
            ),
            ("rule.ran", None, None, "Ann Lee rule.ran VIP Customers".to_owned()),
        ] {
            assert_eq!(event(action, before, after).told(), told);
        }
    }
}
