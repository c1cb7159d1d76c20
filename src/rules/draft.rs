//! A rule as somebody is writing it: nothing is typed yet, every value is as it was entered, and it can be changed part
//! by part (SPEC 5, "Builder").

use super::condition::GroupName;
use super::facts::plain_number;
use super::field::{FieldName, Kind, Op};
use super::rule::{MOST_CONDITIONS, MOST_DEPTH};
use serde_json::{Map, Value, json};

/// Conditions and groups of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// Whether one is enough.
    pub any: bool,
    /// The parts.
    pub of: Vec<Part>,
}

/// A part of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A condition.
    Row(Row),
    /// A group.
    Group(Draft),
}

/// A condition as it was entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The field's name, `metadata` without its key; empty where none is chosen yet.
    pub field: String,
    /// The metadata key.
    pub key: String,
    /// The days of "last N days".
    pub days: String,
    /// The operator's name.
    pub op: String,
    /// The values: several of a set of boxes, otherwise one; lists in one text are separated by semicolons.
    pub values: Vec<String>,
    /// The second value of "between".
    pub to: String,
}

/// A change of a draft: what a button does to which part. A part is named by the places on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A condition at the end of a group.
    AddCondition(Vec<usize>),
    /// A group at the end of a group.
    AddGroup(Vec<usize>),
    /// A part goes, and with its last part a group.
    Remove(Vec<usize>),
}

impl Row {
    /// The field, where one is chosen.
    pub fn name(&self) -> Option<FieldName> {
        FieldName::of(&self.field)
    }

    /// The operator, where it suits the field; otherwise the first one that does.
    pub fn operator(&self) -> Op {
        let chosen = Op::from_name(&self.op);
        let Some(name) = self.name() else { return chosen.unwrap_or(Op::Eq) };
        chosen.filter(|op| op.suits(name.kind)).unwrap_or(Op::Eq)
    }

    /// The first value.
    pub fn value(&self) -> &str {
        self.values.first().map_or("", String::as_str)
    }

    /// Groups that it names, by name or code.
    fn groups(&self) -> Vec<String> {
        let is_group = self.name().is_some_and(|name| name.kind == Kind::Group);
        if !is_group { Vec::new() } else { self.listed() }
    }

    fn listed(&self) -> Vec<String> {
        let texts = self.values.iter().flat_map(|value| {
            if self.operator().takes_list() { value.split(';').map(str::trim).collect() } else { vec![value.trim()] }
        });
        texts.filter(|text| !text.is_empty()).map(str::to_owned).collect()
    }

    fn to_json(&self, group: &dyn Fn(&str) -> Option<String>) -> Value {
        let Some(name) = self.name() else { return json!({"field": self.field.trim()}) };
        let op = self.operator();
        let typed = |text: &str| match name.kind {
            Kind::Integer => text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
            Kind::Scalar => scalar(text, op),
            Kind::Group => json!(group(text).unwrap_or_else(|| text.to_owned())),
            _ => json!(text),
        };
        let mut object = Map::new();
        let field =
            if name.kind == Kind::Scalar { format!("metadata.{}", self.key.trim()) } else { self.field.clone() };
        object.insert("field".into(), json!(field));
        // One that there is none of is told as such; one that doesn't suit the field belonged to another field.
        let is_unknown = !self.op.is_empty() && Op::from_name(&self.op).is_none();
        object.insert("op".into(), json!(if is_unknown { self.op.as_str() } else { op.name() }));
        if op == Op::Between {
            object.insert("value".into(), json!([typed(self.value().trim()), typed(self.to.trim())]));
        } else if op.takes_list() {
            object.insert("value".into(), self.listed().iter().map(|text| typed(text)).collect());
        } else if !op.takes_nothing() && !self.value().trim().is_empty() {
            object.insert("value".into(), typed(self.value().trim()));
        }
        if name.has_days {
            let days = self.days.trim();
            object.insert("days".into(), days.parse::<u64>().map_or_else(|_| json!(days), |days| json!(days)));
        }
        Value::Object(object)
    }

    fn of_json(object: &Value, groups: &[GroupName]) -> Self {
        let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let field = text("field");
        let (field, key) = match field.strip_prefix("metadata.") {
            Some(key) => ("metadata".to_owned(), key.to_owned()),
            None => (field, String::new()),
        };
        let mut row = Self { field, key, op: text("op"), ..Self::default() };
        row.days = object.get("days").filter(|days| !days.is_null()).map(ToString::to_string).unwrap_or_default();
        let kind = row.name().map(|name| name.kind);
        let shown = |value: &Value| match (value, kind) {
            (Value::String(text), Some(Kind::Group)) => {
                let known = groups.iter().find(|group| group.id.to_string() == *text || group.code == *text);
                known.map_or_else(|| text.clone(), |group| group.name.clone())
            }
            // Text that looks like a number is written in quotes, as in the metadata of customers.
            (Value::String(text), Some(Kind::Scalar)) if plain_number(text).is_some() => value.to_string(),
            (Value::String(text), _) => text.clone(),
            (other, _) => other.to_string(),
        };
        match object.get("value") {
            None | Some(Value::Null) => {}
            Some(Value::Array(all)) => {
                let mut texts: Vec<String> = all.iter().map(shown).collect();
                if row.operator() == Op::Between {
                    row.to = texts.pop().unwrap_or_default();
                    row.values = texts;
                } else if matches!(kind, Some(Kind::Level | Kind::Status)) {
                    row.values = texts;
                } else {
                    row.values = vec![texts.join("; ")];
                }
            }
            Some(value) => row.values = vec![shown(value)],
        }
        row
    }
}

/// Metadata as it is typed: a number, text in quotes, or plain words.
fn scalar(text: &str, op: Op) -> Value {
    let number = || plain_number(text).and_then(|_| serde_json::from_str(text).ok());
    match op {
        Op::Contains | Op::StartsWith => json!(unquoted(text)),
        _ => number().unwrap_or_else(|| json!(unquoted(text))),
    }
}

fn unquoted(text: &str) -> String {
    let quoted = text.len() > 1 && text.starts_with('"') && text.ends_with('"');
    if quoted { serde_json::from_str(text).unwrap_or_else(|_| text.to_owned()) } else { text.to_owned() }
}

impl Draft {
    /// One empty condition, to begin with.
    pub fn blank() -> Self {
        Self { any: false, of: vec![Part::Row(Row::default())] }
    }

    /// The draft of a stored rule.
    pub fn of_json(value: &Value, groups: &[GroupName]) -> Self {
        let part = |part: &Value| {
            if part.get("of").is_some() {
                Part::Group(Self::of_json(part, groups))
            } else {
                Part::Row(Row::of_json(part, groups))
            }
        };
        let of = value.get("of").and_then(Value::as_array).map(|all| all.iter().map(part).collect());
        Self { any: value.get("match").and_then(Value::as_str) == Some("any"), of: of.unwrap_or_default() }
    }

    /// The rule as SPEC 5 writes it, as far as it is entered; `group` gives the id of a group by name or code.
    pub fn to_json(&self, group: &dyn Fn(&str) -> Option<String>) -> Value {
        let part = |part: &Part| match part {
            Part::Row(row) => row.to_json(group),
            Part::Group(draft) => draft.to_json(group),
        };
        let of: Vec<Value> = self.of.iter().map(part).collect();
        json!({"match": if self.any { "any" } else { "all" }, "of": of})
    }

    /// The groups that its conditions name, by name or code.
    pub fn groups(&self) -> Vec<String> {
        let of = |part: &Part| match part {
            Part::Row(row) => row.groups(),
            Part::Group(draft) => draft.groups(),
        };
        self.of.iter().flat_map(of).collect()
    }

    /// How many conditions it has.
    pub fn conditions(&self) -> usize {
        let of = |part: &Part| match part {
            Part::Row(_) => 1,
            Part::Group(draft) => draft.conditions(),
        };
        self.of.iter().map(of).sum()
    }

    /// Changes it; what leads nowhere, or over a limit, is left alone.
    pub fn edit(&mut self, edit: &Edit) {
        match edit {
            Edit::AddCondition(at) if self.conditions() < MOST_CONDITIONS => {
                if let Some(group) = self.group(at) {
                    group.of.push(Part::Row(Row::default()));
                }
            }
            Edit::AddGroup(at) if self.conditions() < MOST_CONDITIONS && at.len() + 1 < MOST_DEPTH => {
                if let Some(group) = self.group(at) {
                    // Inside of "all" people want "any", and the other way round.
                    group.of.push(Part::Group(Self { any: !group.any, ..Self::blank() }));
                }
            }
            Edit::Remove(at) => self.remove(at),
            Edit::AddCondition(_) | Edit::AddGroup(_) => {}
        }
    }

    fn group(&mut self, at: &[usize]) -> Option<&mut Self> {
        let Some((first, rest)) = at.split_first() else { return Some(self) };
        match self.of.get_mut(*first)? {
            Part::Group(draft) => draft.group(rest),
            Part::Row(_) => None,
        }
    }

    fn remove(&mut self, at: &[usize]) {
        let Some((last, way)) = at.split_last() else { return };
        let Some(group) = self.group(way) else { return };
        if *last < group.of.len() {
            group.of.remove(*last);
        }
        if group.of.is_empty() {
            if way.is_empty() { *group = Self { any: group.any, ..Self::blank() } } else { self.remove(way) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn names() -> Vec<GroupName> {
        vec![GroupName { id: Uuid::from_u128(2), code: "GOLD".into(), name: "Gold Tier".into() }]
    }

    fn back(draft: &Draft) -> Value {
        draft.to_json(&|text| (text == "Gold Tier").then(|| Uuid::from_u128(2).to_string()))
    }

    #[test]
    fn a_stored_rule_is_drafted_and_comes_back_the_same() {
        let rule = json!({"match": "all", "of": [
            {"field": "total_purchases", "op": "gt", "value": "50000.00"},
            {"field": "order_count", "op": "between", "value": [1, 5]},
            {"match": "any", "of": [
                {"field": "purchases_last_days", "op": "gte", "value": "1.00", "days": 30},
                {"field": "payment_history", "op": "in", "value": ["good", "excellent"]},
                {"field": "region", "op": "not_in", "value": ["Bavaria", "Washington, D.C."]},
                {"field": "metadata.seats", "op": "in", "value": [5.50, "5.50", "web"]},
                {"field": "metadata.a.b", "op": "is_empty"},
                {"field": "in_group", "op": "in", "value": [Uuid::from_u128(2)]},
                {"field": "in_group", "op": "ne", "value": Uuid::from_u128(2)},
            ]},
        ]});
        let draft = Draft::of_json(&rule, &names());
        assert_eq!(back(&draft), rule);
        assert_eq!((draft.conditions(), draft.groups()), (9, vec!["Gold Tier".into(), "Gold Tier".into()]));
    }

    #[test]
    fn what_is_entered_is_typed_as_far_as_it_can_be() {
        let row = |field: &str, op: &str, value: &str| Row {
            field: field.into(),
            key: " seats ".into(),
            op: op.into(),
            values: vec![value.into()],
            ..Row::default()
        };
        for (row, json) in [
            (row("order_count", "gt", " 5 "), json!({"field": "order_count", "op": "gt", "value": 5})),
            (row("order_count", "gt", "five"), json!({"field": "order_count", "op": "gt", "value": "five"})),
            (row("order_count", "gt", ""), json!({"field": "order_count", "op": "gt"})),
            // An operator that doesn't suit the field that was chosen since.
            (row("region", "gt", "x"), json!({"field": "region", "op": "eq", "value": "x"})),
            (row("metadata", "eq", "web shop"), json!({"field": "metadata.seats", "op": "eq", "value": "web shop"})),
            (row("metadata", "eq", "\"7\""), json!({"field": "metadata.seats", "op": "eq", "value": "7"})),
            (row("metadata", "contains", "7"), json!({"field": "metadata.seats", "op": "contains", "value": "7"})),
            (row("region", "in", " a;; b "), json!({"field": "region", "op": "in", "value": ["a", "b"]})),
            (row("region", "is_empty", "x"), json!({"field": "region", "op": "is_empty"})),
            (row("in_group", "eq", "Nobody"), json!({"field": "in_group", "op": "eq", "value": "Nobody"})),
            (row("", "eq", "x"), json!({"field": ""})),
        ] {
            assert_eq!(row.to_json(&|_| None), json, "{row:?}");
        }
    }

    #[test]
    fn parts_are_added_and_removed() {
        let mut draft = Draft::blank();
        draft.edit(&Edit::AddGroup(vec![]));
        draft.edit(&Edit::AddCondition(vec![1]));
        draft.edit(&Edit::AddCondition(vec![7]));
        assert_eq!((draft.conditions(), draft.of.len()), (3, 2));
        assert!(matches!(&draft.of[1], Part::Group(group) if group.any && group.of.len() == 2));
        draft.edit(&Edit::Remove(vec![1, 0]));
        draft.edit(&Edit::Remove(vec![1, 0]));
        assert_eq!(draft, Draft::blank(), "an empty group goes");
        draft.edit(&Edit::Remove(vec![0]));
        assert_eq!(draft, Draft::blank(), "one row stays to write in");
        let mut at = Vec::new();
        for _ in 0..9 {
            draft.edit(&Edit::AddGroup(at.clone()));
            at.push(1);
        }
        assert_eq!(draft.conditions(), 5, "no deeper than five");
        for _ in 0..200 {
            draft.edit(&Edit::AddCondition(vec![]));
        }
        assert_eq!(draft.conditions(), MOST_CONDITIONS);
    }
}
