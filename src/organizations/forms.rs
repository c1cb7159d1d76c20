//! The organization form: from what was typed to [`Details`], and back.

use super::organization::Details;
use crate::error::FieldError;
use crate::groups::forms::Parent;
use crate::web::forms::FormState;
use uuid::Uuid;

/// What a searched field of organizations says: the id that was picked, and the text that stands there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picked {
    /// The id; without scripts it may be an old one.
    pub id: Option<Uuid>,
    /// The text, where the field was sent with one.
    pub text: Option<String>,
    /// Whether something was said at all.
    pub said: bool,
}

impl Picked {
    /// What the field of this name says. An emptied text takes the organization away, whatever id stands beside it.
    pub fn of(form: &FormState, field: &str) -> Self {
        let text_field = format!("{field}_text");
        let text = form.filled(&text_field).map(str::to_owned);
        let id_counts = text.is_some() || !form.has(&text_field);
        let id = form.filled(field).filter(|_| id_counts);
        Self { said: text.is_some() || id.is_some(), id: id.and_then(|id| Uuid::try_parse(id).ok()), text }
    }

    /// The error where it says something that `found` is not.
    pub fn unknown(&self, field: &str, found: Option<Uuid>) -> Option<FieldError> {
        let message =
            "There is no organization of this name or code, or several have the name. Choose one of the suggestions.";
        (self.said && found.is_none()).then(|| FieldError::new(field, message))
    }
}

/// Reads the form. `parent` is what the field means, `group` the group that it names.
///
/// # Errors
/// Every field that can't be taken.
pub fn parse(form: &FormState, parent: Option<Uuid>, group: Parent) -> Result<Details, Vec<FieldError>> {
    let mut errors: Vec<FieldError> = Picked::of(form, "parent").unknown("parent", parent).into_iter().collect();
    let group_id = match group {
        Parent::Top => None,
        Parent::Group(id) => Some(id),
        Parent::Unknown => {
            let message = "There is no group of this name or code. Choose one of the suggestions.";
            errors.push(FieldError::new("group", message));
            None
        }
    };
    let details =
        Details { code: form.value("code").into(), name: form.value("name").into(), parent_id: parent, group_id };
    match details.checked() {
        Ok(details) if errors.is_empty() => Ok(details),
        Ok(_) => Err(errors),
        Err(wrong) => Err(wrong.into_iter().chain(errors).collect()),
    }
}

/// A form filled with an organization's fields; `parent` and `group` by their names.
pub fn fill(details: &Details, parent: &str, group: &str) -> FormState {
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    FormState::new()
        .with("code", &details.code)
        .with("name", &details.name)
        .with("parent", id(details.parent_id))
        .with("parent_text", parent)
        .with("group", id(details.group_id))
        .with("group_text", group)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> FormState {
        serde_urlencoded::from_str(body).unwrap()
    }

    #[test]
    fn a_searched_field_is_picked_typed_or_emptied() {
        let id = Uuid::now_v7();
        let of = |body: String| {
            let Picked { id, text, said } = Picked::of(&form(&body), "parent");
            (id, text, said)
        };
        assert_eq!(of(String::new()), (None, None, false));
        assert_eq!(of(format!("parent={id}")), (Some(id), None, true));
        assert_eq!(of(format!("parent={id}&parent_text=Acme")), (Some(id), Some("Acme".into()), true));
        assert_eq!(of(format!("parent={id}&parent_text=")), (None, None, false));
        assert_eq!(of("parent=nonsense".into()), (None, None, true));
    }

    #[test]
    fn a_form_is_read_whole_or_every_wrong_field_is_named() {
        let (up, group) = (Uuid::now_v7(), Uuid::now_v7());
        let stored = Details { code: "A".into(), name: "Acme".into(), parent_id: Some(up), group_id: Some(group) };
        assert_eq!(parse(&fill(&stored, "Up", "VIP"), Some(up), Parent::Group(group)), Ok(stored));
        let wrong = parse(&form("code=&name=&parent_text=x&group_text=y"), None, Parent::Unknown).unwrap_err();
        assert_eq!(wrong.into_iter().map(|e| e.field).collect::<Vec<_>>(), ["code", "name", "parent", "group"]);
    }
}
