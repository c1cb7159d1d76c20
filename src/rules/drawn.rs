//! The builder's rows and groups as they are drawn: which controls a condition has follows from its field and operator.

use crate::error::FieldError;
use crate::money::Currency;
use crate::rules::condition::{Level, STATUSES};
use crate::rules::draft::{Draft, Part, Row};
use crate::rules::field::{FIELDS, Kind, Op};
use crate::rules::forms::name;
use crate::rules::rule::{MOST_CONDITIONS, MOST_DEPTH};
use crate::web::forms::{Choice, FormState, field_id};
use askama::Template;

/// What all parts of a builder share.
pub struct Frame<'a> {
    /// What is wrong, at the parts' names.
    pub form: &'a FormState,
    /// Amounts are in it.
    pub currency: Currency,
    /// How many conditions there are.
    pub conditions: usize,
}

/// A group of conditions.
#[derive(Template)]
#[template(path = "rules/_group.html")]
pub struct GroupPart {
    name: String,
    any: bool,
    is_root: bool,
    may_add: bool,
    may_nest: bool,
    errors: Vec<String>,
    of: Vec<PartView>,
}

/// A part of a group.
pub enum PartView {
    /// A condition.
    Row(Box<RowPart>),
    /// A group.
    Group(GroupPart),
}

/// A condition.
#[derive(Template)]
#[template(path = "rules/_condition.html")]
pub struct RowPart {
    name: String,
    row: Row,
    op: Op,
    kind: Option<Kind>,
    fields: Vec<Choice>,
    ops: Vec<Choice>,
    control: Control,
    has_days: bool,
    surprises: bool,
    /// Whether capital letters in the value count.
    spelled: bool,
    errors: Vec<FieldError>,
}

/// How a value is entered.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Control {
    /// Not at all.
    Nothing,
    /// As text: what it is of, and an example.
    Text { unit: String, example: &'static str },
    /// As two texts.
    Between { unit: String },
    /// One of a few.
    Select(Vec<Choice>),
    /// From one of a few to another.
    SelectBetween(Vec<Choice>),
    /// Some of a few.
    Boxes(Vec<Choice>),
    /// A group, found by typing.
    Group,
}

impl GroupPart {
    /// A draft as it is drawn.
    pub fn of(draft: &Draft, frame: &Frame<'_>) -> Self {
        group(draft, &mut Vec::new(), frame)
    }

    fn joint(&self) -> &'static str {
        if self.any { "OR" } else { "AND" }
    }

    fn id(&self) -> String {
        field_id(&self.name)
    }
}

fn group(draft: &Draft, at: &mut Vec<usize>, frame: &Frame<'_>) -> GroupPart {
    let mut of = Vec::new();
    for (place, part) in draft.of.iter().enumerate() {
        at.push(place);
        of.push(match part {
            Part::Row(row) => PartView::Row(Box::new(RowPart::of(row, name(at), frame))),
            Part::Group(draft) => PartView::Group(group(draft, at, frame)),
        });
        at.pop();
    }
    let part = name(at);
    let may_add = frame.conditions < MOST_CONDITIONS;
    let errors = frame.form.errors_at(&part).map(str::to_owned).collect();
    GroupPart {
        any: draft.any,
        is_root: at.is_empty(),
        may_add,
        may_nest: may_add && at.len() + 1 < MOST_DEPTH,
        errors,
        of,
        name: part,
    }
}

impl RowPart {
    fn of(row: &Row, part: String, frame: &Frame<'_>) -> Self {
        let field = row.name();
        let (kind, op) = (field.map(|field| field.kind), row.operator());
        let ops = kind.map_or_else(Vec::new, |kind| {
            let suiting = Op::ALL.into_iter().filter(|op| op.suits(kind));
            suiting.map(|op| Choice::new(op.name(), op.label(kind))).collect()
        });
        let below = format!("{part}.");
        let errors = frame.form.errors().iter().filter(|e| e.field == part || e.field.starts_with(&below)).cloned();
        Self {
            op,
            kind,
            fields: FIELDS.iter().map(|field| Choice::new(field.name, field.label)).collect(),
            ops,
            control: kind.map_or(Control::Nothing, |kind| control(kind, op, frame.currency)),
            has_days: field.is_some_and(|field| field.has_days),
            surprises: kind.is_some_and(|kind| op.surprises(kind)),
            spelled: matches!(kind, Some(Kind::Text | Kind::Tags | Kind::Scalar))
                && !matches!(row.field.as_str(), "country" | "email_domain")
                && !matches!(op, Op::IsEmpty | Op::IsNotEmpty),
            errors: errors.collect(),
            row: row.clone(),
            name: part,
        }
    }

    fn id(&self, part: &str) -> String {
        field_id(&format!("{}.{part}", self.name))
    }

    /// Where the errors of this row lead to.
    fn own_id(&self) -> String {
        field_id(&self.name)
    }

    fn is_wrong(&self, part: &str) -> bool {
        let field = format!("{}.{part}", self.name);
        self.errors.iter().any(|error| error.field == field)
    }

    fn has(&self, value: &str) -> bool {
        self.row.values.iter().any(|known| known == value)
    }
}

fn control(kind: Kind, op: Op, currency: Currency) -> Control {
    let levels = || Level::ALL.iter().map(|level| Choice::new(level.name(), capital(level.name()))).collect();
    let statuses = || STATUSES.iter().map(|status| Choice::new(*status, capital(status))).collect();
    if op.takes_nothing() {
        return Control::Nothing;
    }
    let unit = match kind {
        Kind::Money => currency.code().to_owned(),
        _ => String::new(),
    };
    match (kind, op) {
        (Kind::Level, Op::In | Op::NotIn) => Control::Boxes(levels()),
        (Kind::Level, Op::Between) => Control::SelectBetween(levels()),
        (Kind::Level, _) => Control::Select(levels()),
        (Kind::Status, Op::In | Op::NotIn) => Control::Boxes(statuses()),
        (Kind::Status, _) => Control::Select(statuses()),
        (_, Op::Between) => Control::Between { unit },
        (Kind::Group, Op::Eq | Op::Ne) => Control::Group,
        (Kind::Group, _) => Control::Text { unit, example: "Names or codes, separated by ;" },
        (_, Op::In | Op::NotIn) => Control::Text { unit, example: "Several, separated by ;" },
        (Kind::Money, _) => Control::Text { unit, example: "1250.00" },
        (Kind::Integer, _) => Control::Text { unit, example: "12" },
        _ => Control::Text { unit, example: "" },
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
