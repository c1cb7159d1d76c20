//! The builder's form and the draft that it holds. Each part is named by its place: `r` is the rule, `r-0` its first
//! part, `r-2-1` the second part of its third; `r-0.field` is a field of a condition, `r.match` of a group.

use super::draft::{Draft, Edit, Part, Row};
use super::parse::Fault;
use crate::error::FieldError;
use crate::web::forms::FormState;

/// Deeper than this nothing is read: the limit of rules is told before.
const DEEPEST: usize = 8;
/// The most parts of a group that are read.
const MOST_PARTS: usize = 400;

/// The name of a part in the form.
pub fn name(at: &[usize]) -> String {
    at.iter().fold("r".to_owned(), |name, place| format!("{name}-{place}"))
}

/// The way to the part of this name.
pub fn way(name: &str) -> Option<Vec<usize>> {
    let rest = name.strip_prefix('r')?;
    if rest.is_empty() {
        return Some(Vec::new());
    }
    rest.strip_prefix('-')?.split('-').map(|place| place.parse().ok()).collect()
}

/// Reads the draft out of the form; one blank condition where there is none.
pub fn read(form: &FormState) -> Draft {
    let mut left = MOST_PARTS;
    let draft = group(form, &mut Vec::new(), &mut left);
    if draft.of.is_empty() { Draft { any: draft.any, ..Draft::blank() } } else { draft }
}

fn group(form: &FormState, at: &mut Vec<usize>, left: &mut usize) -> Draft {
    let any = form.is(&format!("{}.match", name(at)), "any");
    let mut of = Vec::new();
    if at.len() >= DEEPEST {
        return Draft { any, of };
    }
    for place in 0.. {
        at.push(place);
        let part = name(at);
        let found = if *left == 0 {
            None
        } else if form.has(&format!("{part}.field")) {
            Some(Part::Row(row(form, &part)))
        } else if form.has(&format!("{part}.match")) {
            Some(Part::Group(group(form, at, left)))
        } else {
            None
        };
        at.pop();
        let Some(found) = found else { break };
        *left = left.saturating_sub(1);
        of.push(found);
    }
    Draft { any, of }
}

fn row(form: &FormState, part: &str) -> Row {
    let text = |name: &str| form.value(&format!("{part}.{name}")).to_owned();
    let mut values: Vec<String> = form.values(&format!("{part}.value")).map(str::to_owned).collect();
    // The searched field of a group: its text is the group's name.
    let searched = format!("{part}.value_text");
    if form.has(&searched) {
        values = vec![form.value(&searched).to_owned()];
    }
    Row { field: text("field"), key: text("key"), days: text("days"), op: text("op"), values, to: text("to") }
}

/// What the button that was pressed does, where it changes the draft: `remove:r-0-1`.
pub fn edit(text: &str) -> Option<Edit> {
    let (verb, part) = text.split_once(':')?;
    let at = way(part)?;
    match verb {
        "add-condition" => Some(Edit::AddCondition(at)),
        "add-group" => Some(Edit::AddGroup(at)),
        "remove" => Some(Edit::Remove(at)),
        _ => None,
    }
}

/// A fault of the rule as an error at the form's field.
pub fn error(fault: &Fault) -> FieldError {
    let part = name(&fault.at);
    let field = match fault.part {
        "" | "of" => part,
        "field" if fault.message.contains("metadata key") => format!("{part}.key"),
        other => format!("{part}.{other}"),
    };
    FieldError::new(field, said(fault))
}

/// A fault as people at the form read it: they know no JSON.
pub fn said(fault: &Fault) -> String {
    match (fault.part, fault.message.as_str()) {
        ("field", text) if text.starts_with("There is no such field") => "Choose a field.".into(),
        ("value", text) if text.contains("takes a list of two") => "Enter both values.".into(),
        ("value", text) if text.contains("takes a list") => "Enter one value or more, separated by semicolons.".into(),
        ("value", text) if text.starts_with("Enter a value:") => "Enter a value.".into(),
        (_, text) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(body: &str) -> FormState {
        serde_urlencoded::from_str(body).unwrap()
    }

    #[test]
    fn a_form_holds_a_draft() {
        let form = sent(
            "r.match=all&r-0.field=order_count&r-0.op=between&r-0.value=1&r-0.to=5\
             &r-1.match=any&r-1-0.field=status&r-1-0.op=in&r-1-0.value=active&r-1-0.value=blocked\
             &r-1-1.field=in_group&r-1-1.op=eq&r-1-1.value=&r-1-1.value_text=Gold\
             &r-3.field=region",
        );
        let draft = read(&form);
        assert_eq!((draft.any, draft.of.len(), draft.conditions()), (false, 2, 3));
        let Part::Group(inner) = &draft.of[1] else { panic!("a group") };
        let Part::Row(status) = &inner.of[0] else { panic!("a row") };
        assert_eq!((inner.any, status.values.as_slice()), (true, &["active".to_owned(), "blocked".to_owned()][..]));
        assert_eq!(draft.groups(), ["Gold"]);
        assert_eq!(read(&sent("")), Draft::blank());
        assert_eq!(read(&sent("r.match=any")), Draft { any: true, ..Draft::blank() });
    }

    #[test]
    fn parts_are_named_by_their_places() {
        assert_eq!((name(&[]), name(&[2, 1])), ("r".into(), "r-2-1".into()));
        assert_eq!((way("r"), way("r-2-1")), (Some(vec![]), Some(vec![2, 1])));
        assert_eq!((way("x"), way("r-"), way("r2"), way("r-a")), (None, None, None, None));
        assert_eq!(edit("remove:r-0-1"), Some(Edit::Remove(vec![0, 1])));
        assert_eq!(edit("add-group:r"), Some(Edit::AddGroup(vec![])));
        assert_eq!((edit("save"), edit("burn:r")), (None, None));
    }

    #[test]
    fn faults_stand_at_their_fields() {
        let fault = |part, message: &str| Fault { at: vec![1, 0], part, message: message.into() };
        for (fault, field) in [
            (fault("value", "x"), "r-1-0.value"),
            (fault("", "x"), "r-1-0"),
            (fault("of", "x"), "r-1-0"),
            (fault("field", "Name the metadata key: …"), "r-1-0.key"),
        ] {
            assert_eq!(error(&fault).field, field);
        }
        assert_eq!(error(&fault("field", "There is no such field. There are …")).message, "Choose a field.");
    }
}
