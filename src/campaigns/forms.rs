//! The form of a campaign.

use super::campaign::{Details, Typed};
use crate::web::forms::FormState;

/// The fields of the form with their labels.
pub const FIELDS: [(&str, &str); 5] =
    [("name", "Name"), ("code", "Code"), ("status", "Status"), ("valid_from", "Valid from"), ("valid_to", "Valid to")];

/// The pickers of the form with their labels.
pub const PICKERS: [(&str, &str); 2] = [("segments", "Segments"), ("promotions", "Promotions")];

/// Reads the form; the actions check what it says.
pub fn parse(form: &FormState) -> Typed {
    let value = |name: &str| form.value(name).to_owned();
    Typed {
        code: value("code"),
        name: value("name"),
        status: value("status"),
        valid_from: value("valid_from"),
        valid_to: value("valid_to"),
        segments: form.picked("segments"),
        promotions: form.picked("promotions"),
    }
}

/// A form filled with a campaign's fields.
pub fn fill(details: &Details) -> FormState {
    let (from, to) = details.window.typed();
    let mut form = FormState::new()
        .with("code", &details.code)
        .with("name", &details.name)
        .with("status", details.status.name())
        .with("valid_from", from)
        .with("valid_to", to);
    for (name, ids) in [("segments", &details.segments), ("promotions", &details.promotions)] {
        for id in ids {
            form.push(name, id);
        }
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groups::group::Status;
    use crate::promotions::window::Window;
    use uuid::Uuid;

    #[test]
    fn a_form_is_filled_with_what_it_reads() {
        let details = Details {
            code: "A".into(),
            name: "B".into(),
            status: Status::Active,
            window: Window::read("2026-03-01", "", &mut Vec::new()),
            segments: vec![Uuid::from_u128(1)],
            promotions: vec![Uuid::from_u128(2), Uuid::from_u128(3)],
        };
        let typed = parse(&fill(&details));
        assert_eq!((typed.valid_from.as_str(), typed.segments.len(), typed.promotions.len()), ("2026-03-01", 1, 2));
        assert_eq!((typed.code.as_str(), typed.name.as_str(), typed.status.as_str()), ("A", "B", "active"));
    }
}
