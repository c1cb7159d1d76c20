//! The group form: from what was typed to [`Details`], and back.

use super::group::{Details, GroupType, Status};
use super::metadata::{self, Row};
use crate::error::FieldError;
use crate::web::forms::{FormState, KeyValue};
use serde_json::{Map, Value};
use uuid::Uuid;

/// What a group form says once every field is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The group's fields; the actions check them.
    pub details: Details,
    /// Its metadata.
    pub metadata: Map<String, Value>,
}

/// Reads the form. `parent` is the id that was picked or found for the typed text; see [`parent_of`].
pub fn parse(form: &FormState, parent: Parent) -> Result<Typed, Vec<FieldError>> {
    let mut errors = Vec::new();
    let status = Status::from_name(form.value("status"));
    if status.is_none() {
        errors.push(FieldError::new("status", "Choose active or inactive."));
    }
    let kind = GroupType::from_name(form.value("type"));
    if kind.is_none() {
        errors.push(FieldError::new("type", "Choose manual, automatic or hybrid."));
    }
    let capacity = match form.filled("capacity").map(|text| text.replace(',', "").parse::<i32>()) {
        None => None,
        Some(Ok(capacity)) => Some(capacity),
        Some(Err(_)) => {
            errors.push(FieldError::new("capacity", "Enter a whole number, or nothing for no limit."));
            None
        }
    };
    let parent_id = match parent {
        Parent::Top => None,
        Parent::Group(id) => Some(id),
        Parent::Unknown => {
            errors.push(FieldError::new("parent", "There is no group of this name. Choose one of the suggestions."));
            None
        }
    };
    let metadata = metadata_of(form).unwrap_or_else(|wrong| {
        errors.extend(wrong);
        Map::new()
    });
    let details = Details {
        name: form.value("name").to_owned(),
        code: Some(form.value("code").to_owned()),
        description: form.value("description").to_owned(),
        status: status.unwrap_or(Status::Active),
        kind: kind.unwrap_or(GroupType::Manual),
        parent_id,
        capacity,
    };
    match details.checked() {
        Ok(details) if errors.is_empty() => Ok(Typed { details, metadata }),
        Ok(_) => Err(errors),
        Err(wrong) => Err(wrong.into_iter().chain(errors).collect()),
    }
}

/// Reads the metadata editor of a form; errors stand at `metadata` and name the row.
pub fn metadata_of(form: &FormState) -> Result<Map<String, Value>, Vec<FieldError>> {
    let rows: Vec<Row> = form.rows("metadata").into_iter().map(|row| Row { key: row.key, value: row.value }).collect();
    metadata::parse(&rows).map_err(|wrong| wrong.iter().map(|e| FieldError::new("metadata", named(e, &rows))).collect())
}

/// Fills the metadata editor of a form.
pub fn fill_metadata(form: &mut FormState, metadata: &Map<String, Value>) {
    let rows = metadata::rows(metadata).into_iter().map(|row| KeyValue { key: row.key, value: row.value });
    form.set_rows("metadata", rows);
}

/// An error of a metadata row, naming the row by its key.
fn named(error: &FieldError, rows: &[Row]) -> String {
    let row = error.field.strip_prefix("metadata.").and_then(|i| rows.get(i.parse::<usize>().ok()?));
    match row.map(|row| row.key.trim()).filter(|key| !key.is_empty()) {
        Some(key) => format!("{key}: {}", error.message),
        None => error.message.clone(),
    }
}

/// The parent that a form names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// Nothing: at the top level, under All Customers.
    Top,
    /// This group.
    Group(Uuid),
    /// A text that names no group.
    Unknown,
}

/// What a searched field says. The text in it decides: picking puts the group's name there, and without scripts it is
/// all that a person can change, so `find` looks a group up by its exact name or code. An id counts where no text was
/// sent.
pub fn chosen_group<E>(
    form: &FormState,
    field: &str,
    find: impl FnOnce(&str) -> Result<Option<Uuid>, E>,
) -> Result<Parent, E> {
    let text_field = format!("{field}_text");
    if let Some(text) = form.filled(&text_field) {
        return Ok(find(text)?.map_or(Parent::Unknown, Parent::Group));
    }
    match form.filled(field) {
        Some(id) if !form.has(&text_field) => Ok(Uuid::try_parse(id).map_or(Parent::Unknown, Parent::Group)),
        _ => Ok(Parent::Top),
    }
}

/// A form filled with a group's fields.
pub fn fill(details: &Details, metadata: &Map<String, Value>, parent_name: &str) -> FormState {
    let mut form = FormState::new()
        .with("name", &details.name)
        .with("code", details.code.as_deref().unwrap_or_default())
        .with("description", &details.description)
        .with("status", details.status.name())
        .with("type", details.kind.name())
        .with("capacity", details.capacity.map(|capacity| capacity.to_string()).unwrap_or_default());
    if let Some(parent) = details.parent_id {
        form.set("parent", parent);
        form.set("parent_text", parent_name);
    }
    fill_metadata(&mut form, metadata);
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> FormState {
        serde_urlencoded::from_str(body).unwrap()
    }

    #[test]
    fn a_form_is_read_whole() {
        let id = Uuid::now_v7();
        let typed = parse(
            &form("name=+VIP++Customers&code=&description=a&status=active&type=hybrid&capacity=1,000&metadata_key=tier&metadata_value=1"),
            Parent::Group(id),
        )
        .unwrap();
        assert_eq!(typed.details.name, "VIP Customers");
        assert_eq!((typed.details.code, typed.details.capacity, typed.details.parent_id), (None, Some(1000), Some(id)));
        assert_eq!((typed.details.kind, typed.details.status), (GroupType::Hybrid, Status::Active));
        assert_eq!(typed.metadata["tier"], 1);
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let wrong = |body: &str, parent| {
            parse(&form(body), parent).unwrap_err().into_iter().map(|e| e.field).collect::<Vec<_>>()
        };
        assert_eq!(
            wrong("name=&code=a+b&status=x&type=y&capacity=many&metadata_key=&metadata_value=1", Parent::Unknown),
            ["name", "code", "status", "type", "capacity", "parent", "metadata"]
        );
        assert_eq!(wrong("name=A&status=active&type=manual&capacity=0", Parent::Top), ["capacity"]);
        assert_eq!(wrong("name=A&status=active&type=manual&capacity=99999999999", Parent::Top), ["capacity"]);
    }

    #[test]
    fn a_parent_is_picked_or_typed() {
        let id = Uuid::now_v7();
        let find = |text: &str| Ok::<_, ()>((text == "VIP").then_some(id));
        for (body, expected) in [
            (String::new(), Parent::Top),
            (format!("parent={id}"), Parent::Group(id)),
            (format!("parent={}&parent_text=VIP", Uuid::now_v7()), Parent::Group(id)),
            (format!("parent={id}&parent_text=nobody"), Parent::Unknown),
            (format!("parent={id}&parent_text="), Parent::Top),
            ("parent=&parent_text=VIP".into(), Parent::Group(id)),
            ("parent=&parent_text=nobody".into(), Parent::Unknown),
            ("parent=nonsense".into(), Parent::Unknown),
        ] {
            assert_eq!(chosen_group(&form(&body), "parent", find), Ok(expected), "{body}");
        }
    }

    #[test]
    fn a_stored_group_fills_the_form_and_comes_back_the_same() {
        let id = Uuid::now_v7();
        let details = Details { code: Some("A".into()), parent_id: Some(id), capacity: Some(7), ..Details::named("A") };
        let metadata = serde_json::json!({"k": [1, 2], "t": "x"}).as_object().cloned().unwrap();
        let typed = parse(&fill(&details, &metadata, "Up"), Parent::Group(id)).unwrap();
        assert_eq!(typed, Typed { details, metadata });
    }
}
