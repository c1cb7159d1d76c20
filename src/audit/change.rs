//! What a change changed, field by field, and how that reads.

use serde_json::{Map, Value};

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

/// The fields that differ between two objects; of something new or gone, all that have a value.
pub(super) fn changes(before: Option<&Value>, after: Option<&Value>) -> Vec<Change> {
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
