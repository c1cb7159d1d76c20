//! The form of a webhook.

use super::endpoint::{Details, Typed};
use crate::web::forms::FormState;

/// The fields with the names that people know them by.
pub const FIELDS: [(&str, &str); 2] = [("url", "Address"), ("description", "Description")];

/// What was typed; whether events are sent is decided elsewhere.
pub fn parse(form: &FormState, active: bool) -> Typed {
    Typed {
        url: form.value("url").to_owned(),
        description: form.value("description").to_owned(),
        events: form.values("events").map(str::to_owned).collect(),
        active,
    }
}

/// The form filled with what is stored.
pub fn fill(details: &Details) -> FormState {
    let mut form = FormState::new().with("url", &details.url).with("description", &details.description);
    for kind in &details.kinds {
        form.push("events", kind.name());
    }
    form
}
