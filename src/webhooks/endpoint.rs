//! A webhook: where events are sent, and which.

use super::address::{self, Networks};
use crate::error::FieldError;
use crate::outbox::kind::Kind;

/// The most webhooks.
pub const MOST: i64 = 20;
/// The most characters of a description.
const DESCRIPTION_CHARACTERS: usize = 200;

/// What is typed of a webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// Where to.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// Names of kinds of events.
    pub events: Vec<String>,
    /// Whether events are sent.
    pub active: bool,
}

/// A webhook's own fields, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Where to.
    pub url: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Which events, in their usual order.
    pub kinds: Vec<Kind>,
    /// Whether events are sent.
    pub active: bool,
}

impl Typed {
    /// The details, or what is wrong at which field.
    pub fn checked(&self, networks: Networks) -> Result<Details, Vec<FieldError>> {
        let mut errors = Vec::new();
        let (url, description) = (self.url.trim(), self.description.trim());
        if let Err(message) = address::check(url, networks) {
            errors.push(FieldError::new("url", message));
        }
        if description.chars().count() > DESCRIPTION_CHARACTERS || description.contains('\0') {
            errors.push(FieldError::new("description", "Use at most 200 characters, without the NUL character."));
        }
        let known = |name: &String| Kind::ALL.into_iter().find(|kind| kind.name() == name.trim());
        if let Some(name) = self.events.iter().find(|name| known(name).is_none()) {
            let short: String = name.chars().take(40).collect();
            errors.push(FieldError::new("events", format!("There is no event “{short}”. Choose among those listed.")));
        } else if self.events.is_empty() {
            errors.push(FieldError::new("events", "Choose at least one event."));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let chosen: Vec<Kind> = self.events.iter().filter_map(known).collect();
        let kinds = Kind::ALL.into_iter().filter(|kind| chosen.contains(kind)).collect();
        Ok(Details { url: url.to_owned(), description: description.to_owned(), kinds, active: self.active })
    }
}

impl From<&Details> for Typed {
    fn from(details: &Details) -> Self {
        Self {
            url: details.url.clone(),
            description: details.description.clone(),
            events: details.kinds.iter().map(|kind| kind.name().to_owned()).collect(),
            active: details.active,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_checked_field_by_field() {
        let good = Typed {
            url: " https://shop.example/hooks ".into(),
            description: " Shop ".into(),
            events: vec!["group.updated".into(), "group.created".into(), "group.created".into()],
            active: true,
        };
        let details = good.checked(Networks::Public).unwrap();
        assert_eq!(
            details,
            Details {
                url: "https://shop.example/hooks".into(),
                description: "Shop".into(),
                kinds: vec![Kind::GroupCreated, Kind::GroupUpdated],
                active: true,
            }
        );
        assert_eq!(Typed::from(&details).checked(Networks::Public).unwrap(), details);
        for (typed, field) in [
            (Typed { url: "shop".into(), ..good.clone() }, "url"),
            (Typed { description: "x".repeat(201), ..good.clone() }, "description"),
            (Typed { description: "a\0".into(), ..good.clone() }, "description"),
            (Typed { events: vec![], ..good.clone() }, "events"),
            (Typed { events: vec!["group.exploded".into()], ..good.clone() }, "events"),
            (Typed { events: vec!["webhook.test".into()], ..good.clone() }, "events"),
        ] {
            let fields: Vec<String> =
                typed.checked(Networks::Public).unwrap_err().into_iter().map(|error| error.field).collect();
            assert_eq!(fields, [field]);
        }
    }
}
