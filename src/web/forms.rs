//! A form as a person filled it in: every value as typed, with what is wrong at each field. What a page shows again
//! after a refusal is exactly what was sent (DESIGN, "The console").

use crate::error::{Error, FieldError};
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};

/// Values by field name, in the order sent, and the errors at them. One name may have several values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormState {
    values: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

/// One thing that can be chosen in a select or a set of radio cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// One line below the label of a radio card; empty for none.
    pub hint: String,
}

impl Choice {
    /// A choice without a hint.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new() }
    }

    /// The same with a line of explanation.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// A field that somebody else changed while the form was open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What the field is called.
    pub label: &'static str,
    /// What is stored now.
    pub theirs: String,
    /// What was typed.
    pub yours: String,
}

/// Where two versions of a form differ, of the fields (name, label) that were sent.
pub fn conflicts(fields: &[(&str, &'static str)], theirs: &FormState, yours: &FormState) -> Vec<Conflict> {
    fields
        .iter()
        .filter(|(name, _)| yours.has(name) && theirs.value(name).trim() != yours.value(name).trim())
        .map(|(name, label)| Conflict { label, theirs: theirs.value(name).into(), yours: yours.value(name).into() })
        .collect()
}

/// A form over somebody else's change. Fields that the person left as the form came (it brings that along in `was`)
/// take what is stored now: only what both changed is in conflict, and saving again undoes nothing of theirs.
/// `searched` are fields with an id beside their text, `rows` key/value editors.
pub fn take_theirs_where_untouched(
    mut form: FormState,
    theirs: &FormState,
    fields: &[&str],
    searched: &[&str],
    rows: &[&str],
) -> FormState {
    let Ok(was) = serde_json::from_str::<FormState>(form.value("was")) else { return form };
    for field in fields {
        if form.has(field) && form.value(field) == was.value(field) {
            form.set(field, theirs.value(field));
        }
    }
    for field in searched {
        let text = format!("{field}_text");
        if form.has(&text) && form.value(&text) == was.value(&text) {
            form.set(field, theirs.value(field));
            form.set(&text, theirs.value(&text));
        }
    }
    for name in rows {
        if form.rows(name) == was.rows(name) {
            form.set_rows(name, theirs.rows(name));
        }
    }
    // What is typed over from now on is theirs.
    form.set("was", theirs.to_json());
    form
}

/// The conflict of a key/value editor, where two versions of it differ.
pub fn rows_conflict(name: &str, label: &'static str, theirs: &FormState, yours: &FormState) -> Option<Conflict> {
    let told = |form: &FormState| {
        let mut rows: Vec<String> = form.rows(name).iter().map(|row| format!("{}: {}", row.key, row.value)).collect();
        rows.sort();
        rows.join("\n")
    };
    let (theirs, yours) = (told(theirs), told(yours));
    (theirs != yours).then_some(Conflict { label, theirs, yours })
}

/// The version that a form was filled from.
///
/// # Errors
/// [`Error::Malformed`] where the form doesn't say.
pub fn version(form: &FormState) -> Result<i32, Error> {
    let text = form.value("version");
    text.parse()
        .map_err(|_| Error::Malformed("The form doesn't say which version it was filled from. Reload the page.".into()))
}

/// One of the things that a picker has: ticked, until the tick is taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// What is sent.
    pub value: String,
    /// Its name.
    pub label: String,
    /// What else is to be known of it. Empty for nothing.
    pub hint: String,
}

/// A key and its value as typed, in the rows of a key/value editor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyValue {
    /// The key.
    pub key: String,
    /// The value, as typed: JSON.
    pub value: String,
}

impl FormState {
    /// An empty form.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same form with `value` as the only value of `name`; for filling a form from what is stored.
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.set(name, value);
        self
    }

    /// All values as JSON, which reads back as the same form.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.values).unwrap_or_default()
    }

    /// Replaces the values of `name` by `value`.
    #[allow(clippy::needless_pass_by_value, reason = "texts and numbers alike, without a & at every call")]
    pub fn set(&mut self, name: &str, value: impl ToString) {
        self.values.retain(|(known, _)| known != name);
        self.values.push((name.to_owned(), value.to_string()));
    }

    /// Takes all values of `name` away.
    pub fn remove(&mut self, name: &str) {
        self.values.retain(|(known, _)| known != name);
    }

    /// A digest of all values but those of `except`: the same for the same answers, in whatever order fields come.
    pub fn digest(&self, except: &[&str]) -> String {
        let mut hash = Sha256::new();
        let mut values: Vec<_> = self.values.iter().filter(|(name, _)| !except.contains(&name.as_str())).collect();
        values.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (name, value) in values {
            hash.update(name.len().to_be_bytes());
            hash.update(name);
            hash.update(value.len().to_be_bytes());
            hash.update(value);
        }
        hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Adds a value beside those that `name` has.
    #[allow(clippy::needless_pass_by_value, reason = "texts and numbers alike, without a & at every call")]
    pub fn push(&mut self, name: &str, value: impl ToString) {
        self.values.push((name.to_owned(), value.to_string()));
    }

    /// The value of a field as typed, `""` where there is none.
    pub fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The value of a field without the spaces around it, `None` where nothing else is left.
    pub fn filled(&self, name: &str) -> Option<&str> {
        Some(self.value(name).trim()).filter(|text| !text.is_empty())
    }

    /// All values of a field, in the order sent.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the field was sent at all.
    pub fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// Whether `value` is among the field's values: the ticked box, the chosen option.
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.values(name).any(|known| known == value)
    }

    /// The rows of a key/value editor: fields `name_key` and `name_value` in pairs. Rows that are wholly blank are
    /// left out.
    pub fn rows(&self, name: &str) -> Vec<KeyValue> {
        let (keys, values) = (format!("{name}_key"), format!("{name}_value"));
        let mut values = self.values(&values);
        self.values(&keys)
            .map(|key| KeyValue { key: key.to_owned(), value: values.next().unwrap_or_default().to_owned() })
            .filter(|row| !row.key.trim().is_empty() || !row.value.trim().is_empty())
            .collect()
    }

    /// Fills the rows of a key/value editor.
    pub fn set_rows(&mut self, name: &str, rows: impl IntoIterator<Item = KeyValue>) {
        let (keys, values) = (format!("{name}_key"), format!("{name}_value"));
        self.values.retain(|(known, _)| *known != keys && *known != values);
        for row in rows {
            self.push(&keys, row.key);
            self.push(&values, row.value);
        }
    }

    /// What a searched field says: the id that was picked, otherwise what stands there. An emptied text takes it away,
    /// whatever id stands beside it.
    pub fn chosen(&self, name: &str) -> Option<String> {
        let text_field = format!("{name}_text");
        let text = self.filled(&text_field);
        let id_counts = text.is_some() || !self.has(&text_field);
        self.filled(name).filter(|_| id_counts).or(text).map(str::to_owned)
    }

    /// What a picker says: what is ticked, and what stands in its field for one more.
    pub fn picked(&self, name: &str) -> Vec<String> {
        let ticked = self.values(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        ticked.chain(self.chosen(&format!("{name}_new"))).collect()
    }

    /// A picker that the person left as the form came (its field `was` says how) takes what is stored now.
    pub fn takes_picks(mut self, theirs: &Self, name: &str) -> Self {
        let Ok(was) = serde_json::from_str::<Self>(self.value("was")) else { return self };
        let sorted = |form: &Self| {
            let mut picked = form.picked(name);
            picked.sort_unstable();
            picked
        };
        if sorted(&self) == sorted(&was) {
            let picked = theirs.picked(name);
            self.remove(name);
            for value in picked {
                self.push(name, value);
            }
        }
        self
    }

    /// Whether a picker's button was pressed: one more is to be taken in, and nothing saved.
    pub fn picks_more(&self) -> bool {
        self.value("do") == "pick"
    }

    /// The form with what is wrong with it, for showing it again with 422.
    pub fn refused(mut self, errors: impl IntoIterator<Item = FieldError>) -> Self {
        self.errors.extend(errors);
        self
    }

    /// What is wrong, in order: the summary on top of the form.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// What is wrong at one field.
    pub fn errors_at<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.errors.iter().filter(move |error| error.field == name).map(|error| error.message.as_str())
    }

    /// Whether the field has an error.
    pub fn is_wrong(&self, name: &str) -> bool {
        self.errors_at(name).next().is_some()
    }

    /// The `id` of a field's control, which its label and the error summary point to.
    pub fn id(&self, name: &str) -> String {
        field_id(name)
    }

    /// The value of `aria-describedby`: the field's help and errors, as far as there are any.
    pub fn described_by(&self, name: &str, help: &str) -> String {
        let id = field_id(name);
        match (help.is_empty(), self.is_wrong(name)) {
            (true, false) => String::new(),
            (false, false) => format!("{id}-help"),
            (true, true) => format!("{id}-error"),
            (false, true) => format!("{id}-error {id}-help"),
        }
    }
}

/// The `id` of the control of a field: letters, digits, `-` and `_` stay, the rest becomes `-`.
pub fn field_id(name: &str) -> String {
    let plain = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' });
    std::iter::once("field-".to_owned()).chain(plain.map(String::from)).collect()
}

impl From<Vec<(String, String)>> for FormState {
    fn from(values: Vec<(String, String)>) -> Self {
        Self { values, errors: Vec::new() }
    }
}

/// Any form or query string, so that `web::Form<FormState>` takes what was typed and nothing is refused before it
/// can be shown again. Line ends are `\n`, as everywhere else, not the `\r\n` that forms send.
impl<'de> Deserialize<'de> for FormState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut values = Vec::<(String, String)>::deserialize(deserializer)?;
        for (_, value) in &mut values {
            if value.contains('\r') {
                *value = value.replace("\r\n", "\n");
            }
            // Nobody types a NUL, and PostgreSQL's text takes none.
            value.retain(|c| c != '\0');
        }
        Ok(Self::from(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(body: &str) -> FormState {
        serde_urlencoded::from_str(body).unwrap()
    }

    #[test]
    fn values_are_kept_as_typed() {
        let form = sent("name=+VIP+%26+more+%00&tag=a&tag=b&empty=&text=one%0D%0Atwo");
        assert_eq!(form.value("name"), " VIP & more ");
        assert_eq!(form.filled("name"), Some("VIP & more"));
        assert_eq!(form.values("tag").collect::<Vec<_>>(), ["a", "b"]);
        assert!(form.is("tag", "b") && !form.is("tag", "c"));
        assert_eq!((form.value("empty"), form.filled("empty"), form.has("empty")), ("", None, true));
        assert_eq!((form.value("missing"), form.has("missing")), ("", false));
        assert_eq!(form.value("text"), "one\ntwo");
    }

    #[test]
    fn a_stored_thing_fills_a_form() {
        let form = FormState::new().with("name", "Retail").with("capacity", 20).with("name", "VIP");
        assert_eq!((form.value("name"), form.value("capacity")), ("VIP", "20"));
        assert_eq!(form.values("name").count(), 1);
    }

    #[test]
    fn two_versions_differ_where_they_differ() {
        let theirs = FormState::new().with("name", "Ann").with("email", "a@b").with("role", "admin");
        let yours = sent("name=Bea&email=+a@b+&other=x");
        let expected = [Conflict { label: "Name", theirs: "Ann".into(), yours: "Bea".into() }];
        assert_eq!(conflicts(&[("name", "Name"), ("email", "Email"), ("role", "Role")], &theirs, &yours), expected);
    }

    #[test]
    fn a_form_says_its_version_or_is_refused() {
        assert_eq!(version(&sent("version=3")).unwrap(), 3);
        for body in ["", "version=", "version=x", "version=99999999999"] {
            assert!(matches!(version(&sent(body)), Err(Error::Malformed(_))), "{body}");
        }
    }

    #[test]
    fn rows_pair_up_and_blank_ones_go() {
        let form =
            sent("meta_key=tier&meta_value=1&meta_key=&meta_value=&meta_key=note&meta_value=&meta_key=&meta_value=7");
        let rows: Vec<_> = form.rows("meta").into_iter().map(|row| (row.key, row.value)).collect();
        assert_eq!(rows, [("tier".into(), "1".into()), ("note".into(), String::new()), (String::new(), "7".into())]);
        let mut filled = FormState::new();
        filled.set_rows("meta", form.rows("meta"));
        assert_eq!(filled.rows("meta"), form.rows("meta"));
    }

    #[test]
    fn errors_stand_at_their_fields_and_in_the_summary() {
        let form = sent("name=&code=x y").refused([
            FieldError::new("name", "Enter a name."),
            FieldError::new("code", "Use A–Z only."),
            FieldError::new("", "Nothing was saved."),
        ]);
        assert_eq!(form.errors().len(), 3);
        assert_eq!(form.errors_at("code").collect::<Vec<_>>(), ["Use A–Z only."]);
        assert!(form.is_wrong("name") && !form.is_wrong("status"));
        assert_eq!(form.value("code"), "x y", "what was typed is still there");
    }

    #[test]
    fn a_control_names_its_help_and_its_errors() {
        let form = FormState::new().refused([FieldError::new("code", "Taken.")]);
        for (field, help, ids) in [
            ("name", "", ""),
            ("name", "Shown to staff.", "field-name-help"),
            ("code", "", "field-code-error"),
            ("code", "Short.", "field-code-error field-code-help"),
        ] {
            assert_eq!(form.described_by(field, help), ids, "{field} {help}");
        }
        assert_eq!(form.id("metadata[0].key"), "field-metadata-0--key");
    }
}
