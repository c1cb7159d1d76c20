//! What webhooks are told of the log's events.

use super::event::{Action, NewEvent};
use crate::outbox::kind::{Happened, Kind, camel_case};
use serde_json::{Map, Value};
use uuid::Uuid;

/// What webhooks call an action, where they are told of it. Joins and leaves are told where they are written.
fn kind(action: Action) -> Option<Kind> {
    Some(match action {
        Action::GroupCreated => Kind::GroupCreated,
        Action::GroupChanged | Action::RuleSaved => Kind::GroupUpdated,
        Action::GroupMoved => Kind::GroupMoved,
        Action::GroupDeleted => Kind::GroupDeleted,
        Action::GroupRestored => Kind::GroupRestored,
        Action::PriceListCreated => Kind::PriceListCreated,
        Action::PriceListChanged => Kind::PriceListUpdated,
        Action::PriceListDeleted => Kind::PriceListDeleted,
        Action::PricesChanged => Kind::PriceListEntriesChanged,
        Action::PromotionCreated => Kind::PromotionCreated,
        Action::PromotionChanged => Kind::PromotionUpdated,
        Action::PromotionDeleted => Kind::PromotionDeleted,
        _ => return None,
    })
}

/// What webhooks are told of an event that is about to be recorded.
pub fn of(event: &NewEvent) -> Option<Happened> {
    happened(event.action, event.subject_id?, &event.subject_name, event.before.as_ref(), event.after.as_ref())
}

/// What webhooks are told of an event. Of what is new or gone, no fields are named; of what is gone for good, its name and
/// code are told.
pub fn happened(
    action: Action,
    subject: Uuid,
    name: &str,
    before: Option<&Value>,
    after: Option<&Value>,
) -> Option<Happened> {
    let kind = kind(action)?;
    let last = after.is_none().then(|| {
        let mut last = Map::from_iter([("name".to_owned(), Value::from(name))]);
        if let Some(code) = before.and_then(|fields| fields.get("code")) {
            last.insert("code".into(), code.clone());
        }
        Value::Object(last)
    });
    let changed = match kind {
        // Which prices is asked where they are.
        Kind::PriceListEntriesChanged => Vec::new(),
        _ => changed(before, after),
    };
    Some(Happened { kind, subject, changed, last })
}

/// The fields that differ, as JSON of the API has them.
fn changed(before: Option<&Value>, after: Option<&Value>) -> Vec<String> {
    let (Some(Value::Object(before)), Some(Value::Object(after))) = (before, after) else { return Vec::new() };
    // A percentage and an amount off are both a promotion of the type discount.
    let is_discount = |fields: &Map<String, Value>| {
        fields.get("type").and_then(Value::as_str).is_some_and(|kind| matches!(kind, "percent" | "amount"))
    };
    let same_type = is_discount(before) && is_discount(after);
    let differs = |key: &&String| before.get(*key) != after.get(*key) && !(same_type && *key == "type");
    let mut changed: Vec<String> =
        before.keys().chain(after.keys()).filter(differs).map(|key| camel_case(key)).collect();
    changed.sort_unstable();
    changed.dedup();
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn webhooks_are_told_what_changed() {
        let id = Uuid::from_u128(7);
        let told = |action, before, after| of(&NewEvent::about(action, Some(id), "VIP", before, after));
        let happened = |kind, changed: &[&str], last| {
            let changed = changed.iter().map(|name| (*name).to_owned()).collect();
            Some(Happened { kind, subject: id, changed, last })
        };
        let (code, window) =
            (json!({"code": "V", "name": "A"}), json!({"valid_from": "2026-01-01", "code": "W", "name": "A"}));
        for (action, before, after, expected) in [
            (Action::GroupCreated, None, Some(window.clone()), happened(Kind::GroupCreated, &[], None)),
            (
                Action::PriceListChanged,
                Some(code.clone()),
                Some(window),
                happened(Kind::PriceListUpdated, &["code", "validFrom"], None),
            ),
            (
                Action::PromotionDeleted,
                Some(code),
                None,
                happened(Kind::PromotionDeleted, &[], Some(json!({"name": "VIP", "code": "V"}))),
            ),
            (
                Action::PromotionChanged,
                Some(json!({"type": "percent", "discount": "5"})),
                Some(json!({"type": "amount", "discount": "3"})),
                happened(Kind::PromotionUpdated, &["discount"], None),
            ),
            (
                Action::PromotionChanged,
                Some(json!({"type": "percent"})),
                Some(json!({"type": "bogo"})),
                happened(Kind::PromotionUpdated, &["type"], None),
            ),
            (
                Action::PricesChanged,
                Some(json!({"price": "5.00"})),
                Some(json!({"price": "6.00"})),
                happened(Kind::PriceListEntriesChanged, &[], None),
            ),
            (Action::CustomerCreated, None, None, None),
            // Who joined is told where it is written.
            (Action::MembersAdded, None, None, None),
        ] {
            assert_eq!(told(action, before, after), expected, "{action:?}");
        }
        assert_eq!(of(&NewEvent::about(Action::GroupCreated, None, "", None, None)), None);
    }
}
