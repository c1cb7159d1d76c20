//! A form over somebody else's change: what wasn't touched becomes theirs, what both changed is shown side by side.

use crate::web::forms::{Conflict, FormState};

/// A setting as it stands on a form: its label, and the fields that make it up.
pub type Fields = (&'static str, &'static [&'static str]);

/// Settings that the person left as the form came (it brings that along in `was`) take what is stored now.
pub fn take_theirs_where_untouched(mut form: FormState, theirs: &FormState, settings: &[Fields]) -> FormState {
    let Ok(was) = serde_json::from_str::<FormState>(form.value("was")) else { return form };
    for (_, fields) in settings {
        if values(&form, fields) == values(&was, fields) {
            for field in *fields {
                form.remove(field);
                let stored: Vec<String> = theirs.values(field).map(str::to_owned).collect();
                for value in stored {
                    form.push(field, value);
                }
            }
        }
    }
    // What is typed over from now on is theirs.
    form.set("was", theirs.to_json());
    form
}

/// The settings in which two fillings of a form differ, in the words that `told` has for the fields of one.
pub fn conflicts(
    theirs: &FormState,
    yours: &FormState,
    settings: &[Fields],
    told: impl Fn(&FormState, &[&'static str]) -> String,
) -> Vec<Conflict> {
    settings
        .iter()
        .filter(|(_, fields)| values(theirs, fields) != values(yours, fields))
        .map(|(label, fields)| Conflict { label, theirs: told(theirs, fields), yours: told(yours, fields) })
        .collect()
}

/// What stands in the fields; a blank one is as good as none.
fn values<'a>(form: &'a FormState, fields: &[&'static str]) -> Vec<Vec<&'a str>> {
    fields.iter().map(|field| form.values(field).map(str::trim).filter(|value| !value.is_empty()).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: [Fields; 2] = [("Net days", &["net", "net.none"]), ("Options", &["options"])];

    fn form(body: &str) -> FormState {
        serde_urlencoded::from_str(body).unwrap()
    }

    #[test]
    fn only_what_both_changed_is_in_conflict() {
        let was = form("net=30&options=card");
        // They said that there are no net days; you ticked another option.
        let theirs = form("net.none=on&options=card");
        let mut yours = form("net=30&options=card&options=wire");
        yours.set("was", was.to_json());
        let merged = take_theirs_where_untouched(yours, &theirs, &SETTINGS);
        assert!(merged.is("net.none", "on") && merged.value("net").is_empty());
        assert_eq!(merged.values("options").collect::<Vec<_>>(), ["card", "wire"]);
        let told = |form: &FormState, fields: &[&'static str]| form.values(fields[0]).collect::<Vec<_>>().join(", ");
        let found = conflicts(&theirs, &merged, &SETTINGS, told);
        assert_eq!(found, [Conflict { label: "Options", theirs: "card".into(), yours: "card, wire".into() }]);
    }
}
