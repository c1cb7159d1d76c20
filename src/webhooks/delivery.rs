//! A delivery: one event on its way to one webhook.

use crate::outbox::kind::Kind;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// How many attempts are kept of a delivery.
pub const KEPT_ATTEMPTS: i32 = 20;
/// How many characters are kept of an answer.
pub const KEPT_ANSWER: usize = 1000;

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not tried yet.
    Pending,
    /// Tried without success; it will be tried again.
    Retrying,
    /// It has arrived.
    Delivered,
    /// Given up, until somebody replays it.
    Dead,
}

impl State {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Retrying, Self::Delivered, Self::Dead];

    /// The state of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Its name, as it is stored and given.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Retrying => "retrying",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pending => "Waiting",
            Self::Retrying => "Trying again",
            Self::Delivered => "Delivered",
            Self::Dead => "Failed",
        }
    }

    /// The tone of the style sheet.
    pub fn tone(self) -> &'static str {
        match self {
            Self::Pending => "info",
            Self::Retrying => "warn",
            Self::Delivered => "good",
            Self::Dead => "bad",
        }
    }

    /// The icon beside it.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Pending => "clock",
            Self::Retrying => "refresh",
            Self::Delivered => "circle-check",
            Self::Dead => "alert-circle",
        }
    }
}

/// An event as it is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The same for all webhooks and all attempts: what is known already can be left aside.
    pub id: Uuid,
    /// Its kind's name.
    pub kind: String,
    /// When it happened, UTC.
    pub occurred_at: DateTime<Utc>,
    /// Who did it.
    pub actor: Value,
    /// What happened.
    pub data: Value,
}

impl Event {
    /// The body of the request; the same at every attempt.
    pub fn body(&self) -> String {
        self.json().to_string()
    }

    /// The body to be read by people.
    pub fn pretty(&self) -> String {
        serde_json::to_string_pretty(&self.json()).unwrap_or_default()
    }

    /// As an object: `{id, type, occurredAt, actor, data}`.
    pub fn json(&self) -> Value {
        let mut data = self.data.clone();
        let of_members = [Kind::MembersAdded, Kind::MembersRemoved].iter().any(|kind| kind.name() == self.kind);
        if let (true, Some(fields)) = (of_members, data.as_object_mut()) {
            // The first ones are named; all of them are a call away.
            fields.insert("allCustomers".into(), json!(format!("/admin/webhook-events/{}/customers", self.id)));
        }
        let mut event = Map::new();
        event.insert("id".into(), json!(self.id));
        event.insert("type".into(), json!(self.kind));
        event.insert("occurredAt".into(), json!(self.occurred_at.to_rfc3339_opts(SecondsFormat::AutoSi, true)));
        event.insert("actor".into(), self.actor.clone());
        event.insert("data".into(), data);
        Value::Object(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_known_by_its_name() {
        for state in State::ALL {
            assert_eq!(State::from_name(state.name()), Some(state));
        }
        assert_eq!(State::from_name("lost"), None);
    }

    #[test]
    fn an_event_is_sent_with_what_identifies_it_first() {
        let event = Event {
            id: Uuid::from_u128(1),
            kind: "group.members.added".into(),
            occurred_at: "2026-03-10T12:00:00.5Z".parse().unwrap(),
            actor: json!({"kind": "user"}),
            data: json!({"count": 3}),
        };
        let id = "00000000-0000-0000-0000-000000000001";
        assert_eq!(
            event.body(),
            format!(
                r#"{{"id":"{id}","type":"group.members.added","occurredAt":"2026-03-10T12:00:00.500Z","actor":{{"kind":"user"}},"data":{{"count":3,"allCustomers":"/admin/webhook-events/{id}/customers"}}}}"#
            )
        );
        let other = Event { kind: "group.created".into(), ..event };
        assert_eq!(other.json()["data"], json!({"count": 3}));
    }
}
