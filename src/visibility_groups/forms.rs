//! The form of a visibility group.

use super::set::Details;
use crate::web::forms::FormState;

/// The fields of the form with their labels.
pub const FIELDS: [(&str, &str); 2] = [("name", "Name"), ("description", "Description")];

/// Reads the form; the actions check what it says.
pub fn parse(form: &FormState) -> Details {
    Details { name: form.value("name").to_owned(), description: form.value("description").to_owned() }
}

/// A form filled with a visibility group's fields.
pub fn fill(details: &Details) -> FormState {
    FormState::new().with("name", &details.name).with("description", &details.description)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_holds_every_field() {
        let details = Details { name: "A".into(), description: "B".into() };
        assert_eq!(parse(&fill(&details)), details);
    }
}
