//! The form of a segment; its rule is read by the builder's own form (`rules::forms`).

use super::segment::{Details, Typed};
use crate::rules::draft::{Draft, Part};
use crate::web::forms::FormState;

/// The fields of the form with their labels.
pub const FIELDS: [(&str, &str); 2] = [("name", "Name"), ("description", "Description")];

/// Reads all but the rule.
pub fn parse(form: &FormState) -> Typed {
    Typed {
        name: form.value("name").to_owned(),
        description: form.value("description").to_owned(),
        groups_in: form.picked("groups_in"),
        groups_not_in: form.picked("groups_not_in"),
        rule: None,
    }
}

/// A form filled with a segment's fields, the rule left to the builder.
pub fn fill(details: &Details) -> FormState {
    let mut form = FormState::new().with("name", &details.name).with("description", &details.description);
    for (name, groups) in [("groups_in", &details.groups_in), ("groups_not_in", &details.groups_not_in)] {
        for group in groups {
            form.push(name, group);
        }
    }
    form
}

/// Whether a draft says nothing: one row without a field, as an empty builder has it.
pub fn is_blank(draft: &Draft) -> bool {
    draft.of.iter().all(|part| matches!(part, Part::Row(row) if row.field.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_builder_is_no_rule() {
        assert!(is_blank(&Draft::blank()) && is_blank(&Draft::default()));
        let form = serde_urlencoded::from_str("r.match=all&r-0.field=country&r-0.op=eq&r-0.value=DE").unwrap();
        assert!(!is_blank(&crate::rules::forms::read(&form)));
    }

    #[test]
    fn a_form_is_filled_with_what_it_reads() {
        let typed = parse(&serde_urlencoded::from_str("name=A&description=B&groups_in=x&groups_not_in=y").unwrap());
        assert_eq!((typed.name.as_str(), typed.description.as_str()), ("A", "B"));
        let details = Details { name: "A".into(), groups_in: vec![uuid::Uuid::nil()], ..Details::default() };
        assert_eq!(parse(&fill(&details)).groups_in, [uuid::Uuid::nil().to_string()]);
    }
}
