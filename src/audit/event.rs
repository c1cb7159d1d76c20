//! An event of the log, and how it tells itself.

pub use super::action::Action;
use crate::auth::role::Actor;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
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

/// One field that differs between before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The field's name in words: `credit limit`.
    pub field: String,
    /// What it was; `None` where it wasn't there.
    pub before: Option<String>,
    /// What it is; `None` where it is gone.
    pub after: Option<String>,
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

    /// Who the actor was, for people: `API token`.
    pub fn actor_label(&self) -> &str {
        match self.actor_kind.as_str() {
            "user" => "Person",
            "token" => "API token",
            "command_line" => "Command line",
            "import" => "Import",
            "rule_run" => "Rule run",
            other => other,
        }
    }

    /// The fields that changed, in the order in which the database keeps them: short names first.
    pub fn changes(&self) -> Vec<Change> {
        changes(self.before.as_ref(), self.after.as_ref())
    }
}

/// How many characters of a value a sentence quotes; the details have all of them.
const QUOTED: usize = 60;

impl Change {
    /// `name from A to B`, `capacity set to 5`, `capacity 5 removed`.
    pub fn words(&self) -> String {
        let field = &self.field;
        match (self.before.as_deref().map(shortened), self.after.as_deref().map(shortened)) {
            (Some(before), Some(after)) => format!("{field} from {before} to {after}"),
            (None, Some(after)) => format!("{field} set to {after}"),
            (Some(before), None) => format!("{field} {before} removed"),
            (None, None) => field.clone(),
        }
    }
}

fn shortened(text: &str) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(QUOTED) {
        line.truncate(end);
        line.push('…');
    }
    line
}

fn changes(before: Option<&Value>, after: Option<&Value>) -> Vec<Change> {
    let none = Map::new();
    let object = |value: Option<&'_ Value>| value.and_then(Value::as_object).cloned().unwrap_or_else(|| none.clone());
    let (before, after) = (object(before), object(after));
    let mut changes = Vec::new();
    for key in before.keys().chain(after.keys().filter(|key| !before.contains_key(*key))) {
        compare(&key.replace('_', " "), before.get(key), after.get(key), &mut changes);
    }
    changes
}

/// Objects (metadata) are compared key by key, and their keys stay as they are written.
fn compare(field: &str, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<Change>) {
    let is_object = |value: Option<&Value>| value.is_some_and(Value::is_object);
    let is_object_or_nothing = |value: Option<&Value>| value.is_none_or(|value| value.is_null() || value.is_object());
    let by_key = is_object_or_nothing(before) && is_object_or_nothing(after) && (is_object(before) || is_object(after));
    if by_key {
        let (before, after) = (before.and_then(Value::as_object), after.and_then(Value::as_object));
        let mut keys: Vec<&String> = before.into_iter().chain(after).flat_map(Map::keys).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let value = |object: Option<&'_ Map<String, Value>>| object.and_then(|object| object.get(key)).cloned();
            compare(&format!("{field} {key}"), value(before).as_ref(), value(after).as_ref(), changes);
        }
        return;
    }
    let (before, after) = (before.and_then(words), after.and_then(words));
    if before != after {
        changes.push(Change { field: field.to_owned(), before, after });
    }
}

/// A value as people read it; nothing for null, empty text and empty lists.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(true) => Some("yes".into()),
        Value::Bool(false) => Some("no".into()),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) if items.is_empty() => None,
        Value::Object(fields) if fields.is_empty() => None,
        other => Some(other.to_string()),
    }
}

/// The two halves of a change: only the fields that differ, so that an event says what changed and no more.
pub fn difference(before: &Value, after: &Value) -> Option<(Value, Value)> {
    let (before, after) = (before.as_object()?, after.as_object()?);
    let mut was = Map::new();
    let mut is = Map::new();
    for (key, value) in after {
        let old = before.get(key).unwrap_or(&Value::Null);
        if old != value {
            was.insert(key.clone(), old.clone());
            is.insert(key.clone(), value.clone());
        }
    }
    (!is.is_empty()).then_some((Value::Object(was), Value::Object(is)))
}

/// Who an event is recorded under.
pub fn actor_columns(actor: &Actor) -> (&'static str, Option<Uuid>, &str) {
    (actor.kind.name(), actor.id, &actor.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn changes_name_what_differs() {
        let text = |s: &str| Some(s.to_owned());
        let change = |field: &str, before, after| Change { field: field.into(), before, after };
        for (before, after, expected) in [
            (
                Some(json!({"name": "A", "code": "X"})),
                Some(json!({"name": "B", "code": "X"})),
                vec![change("name", text("A"), text("B"))],
            ),
            (None, Some(json!({"name": "A", "description": ""})), vec![change("name", None, text("A"))]),
            (Some(json!({"capacity": null})), Some(json!({"capacity": 5})), vec![change("capacity", None, text("5"))]),
            (
                Some(json!({"is_active": true})),
                Some(json!({"is_active": false})),
                vec![change("is active", text("yes"), text("no"))],
            ),
            (Some(json!({"credit_limit": 1})), Some(json!({})), vec![change("credit limit", text("1"), None)]),
            (
                Some(json!({"metadata": {"Tier_x": "gold", "same": [1]}})),
                Some(json!({"metadata": {"same": [1], "new": {"deep": true}}})),
                vec![change("metadata Tier_x", text("gold"), None), change("metadata new deep", None, text("yes"))],
            ),
            (
                None,
                Some(json!({"metadata": {}, "list": [], "rows": [1, 2]})),
                vec![change("rows", None, text("[1,2]"))],
            ),
            (None, None, vec![]),
        ] {
            assert_eq!(changes(before.as_ref(), after.as_ref()), expected);
        }
    }

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

    #[test]
    fn a_difference_keeps_only_what_changed() {
        let before = json!({"name": "A", "code": "X"});
        assert_eq!(difference(&before, &before), None);
        assert_eq!(
            difference(&before, &json!({"name": "B", "code": "X"})),
            Some((json!({"name": "A"}), json!({"name": "B"})))
        );
    }
}
