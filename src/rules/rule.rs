//! The rule: a tree of conditions (SPEC 5), as JSON and as a decision about one customer.

use super::condition::{Condition, Operand, Verdict, judge};
use super::facts::Facts;
use super::field::Field;
use crate::money::Currency;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The deepest nesting: a rule of conditions only has depth 1.
pub const MOST_DEPTH: usize = 5;
/// The most conditions.
pub const MOST_CONDITIONS: usize = 100;

/// Conditions and rules, all or any of which must hold. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// All or any.
    pub matches: Match,
    /// Of what.
    pub of: Vec<Node>,
}

/// A part of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A condition.
    Condition(Condition),
    /// A rule within.
    Rule(Rule),
}

/// How the parts of a rule go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// All must hold.
    All,
    /// One is enough.
    Any,
}

impl Match {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Any => "any",
        }
    }

    /// The word between two parts.
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "and",
            Self::Any => "or",
        }
    }
}

impl Rule {
    /// Whether a customer matches.
    pub fn holds(&self, facts: &Facts) -> bool {
        let holds = |node: &Node| match node {
            Node::Condition(condition) => judge(condition, facts) == Verdict::Pass,
            Node::Rule(rule) => rule.holds(facts),
        };
        match self.matches {
            Match::All => self.of.iter().all(holds),
            Match::Any => self.of.iter().any(holds),
        }
    }

    /// How many conditions would have to turn for the customer to match, at least.
    pub fn lacks(&self, facts: &Facts) -> usize {
        let lacks = |node: &Node| match node {
            Node::Condition(condition) => usize::from(!judge(condition, facts).passes()),
            Node::Rule(rule) => rule.lacks(facts),
        };
        match self.matches {
            Match::All => self.of.iter().map(lacks).sum(),
            Match::Any => self.of.iter().map(lacks).min().unwrap_or(0),
        }
    }

    /// The first condition that would have to turn for the customer to match, of a customer who lacks one.
    pub fn what_lacks(&self, facts: &Facts) -> Option<&Condition> {
        let lacks = |node: &Node| match node {
            Node::Condition(condition) => usize::from(!judge(condition, facts).passes()),
            Node::Rule(rule) => rule.lacks(facts),
        };
        match self.of.iter().find(|node| lacks(node) == 1)? {
            Node::Condition(condition) => Some(condition),
            Node::Rule(rule) => rule.what_lacks(facts),
        }
    }

    /// All conditions, in the order in which they are written.
    pub fn conditions(&self) -> Vec<&Condition> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'a>(&'a self, found: &mut Vec<&'a Condition>) {
        for node in &self.of {
            match node {
                Node::Condition(condition) => found.push(condition),
                Node::Rule(rule) => rule.collect(found),
            }
        }
    }

    /// The windows of "last N days" that it asks about, in order, each once.
    pub fn windows(&self) -> Vec<u32> {
        let mut days: Vec<u32> = self.conditions().iter().filter_map(|condition| condition.field.days()).collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// The groups that it refers to, each once.
    pub fn groups(&self) -> Vec<Uuid> {
        let operands = self.conditions().into_iter().flat_map(|condition| &condition.values);
        let mut ids: Vec<Uuid> = operands
            .filter_map(|value| if let Operand::Group(group) = value { Some(group.id) } else { None })
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The fields that customers may lack, each once, in the order in which they are written.
    pub fn fields_that_may_be_missing(&self) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for condition in self.conditions() {
            if condition.field.can_be_missing() && !fields.contains(&condition.field) {
                fields.push(condition.field.clone());
            }
        }
        fields
    }

    /// The rule as SPEC 5 writes it, groups by their ids.
    pub fn to_json(&self, currency: Currency) -> Value {
        let of: Vec<Value> = self.of.iter().map(|node| node_json(node, currency)).collect();
        json!({"match": self.matches.name(), "of": of})
    }
}

fn node_json(node: &Node, currency: Currency) -> Value {
    match node {
        Node::Rule(rule) => rule.to_json(currency),
        Node::Condition(condition) => {
            let mut object = Map::new();
            object.insert("field".into(), json!(condition.field.json_name()));
            object.insert("op".into(), json!(condition.op.name()));
            let mut values: Vec<Value> = condition.values.iter().map(|value| operand_json(value, currency)).collect();
            if condition.op.takes_list() {
                object.insert("value".into(), Value::Array(values));
            } else if let Some(value) = values.pop() {
                object.insert("value".into(), value);
            }
            if let Some(days) = condition.field.days() {
                object.insert("days".into(), json!(days));
            }
            Value::Object(object)
        }
    }
}

fn operand_json(operand: &Operand, currency: Currency) -> Value {
    match operand {
        Operand::Money(minor) => json!(currency.major(*minor).to_string()),
        Operand::Integer(number) => json!(number),
        Operand::Level(level) => json!(level.name()),
        Operand::Text(text) => json!(text),
        // Digits as they were written; a float would change them.
        Operand::Number(number) => serde_json::from_str(&number.to_string()).unwrap_or_default(),
        Operand::Group(group) => json!(group.id),
    }
}
