//! A rule as one plain sentence, with brackets where it nests (SPEC 5).

use super::condition::{Condition, Operand};
use super::facts::{Actual, Facts};
use super::field::{Field, Kind, Op};
use super::rule::{Node, Rule};
use crate::money::{Currency, format_count};

impl Rule {
    /// `total purchases is greater than $50,000.00 and (country is DE or region is empty)`.
    pub fn sentence(&self, currency: Currency) -> String {
        let joint = format!(" {} ", self.matches.word());
        let part = |node: &Node| match node {
            Node::Condition(condition) => condition.sentence(currency),
            // Nothing is unclear about a single part.
            Node::Rule(rule) if rule.of.len() == 1 || self.of.len() == 1 => rule.sentence(currency),
            Node::Rule(rule) => format!("({})", rule.sentence(currency)),
        };
        self.of.iter().map(part).collect::<Vec<_>>().join(&joint)
    }
}

impl Condition {
    /// `account age is greater than 12 months`.
    pub fn sentence(&self, currency: Currency) -> String {
        let (field, op) = (self.field.words(), self.op.label(self.field.kind()));
        match self.expected(currency) {
            expected if expected.is_empty() => format!("{field} {op}"),
            expected => format!("{field} {op} {expected}"),
        }
    }

    /// What it compares with, as people read it: `$50,000.00`, `12 months`, `good or excellent`; empty where the
    /// operator takes nothing.
    pub fn expected(&self, currency: Currency) -> String {
        let values: Vec<String> = self.values.iter().map(|value| operand(&self.field, value, currency)).collect();
        match (self.op, values.split_last()) {
            (Op::Between, _) => values.join(" and "),
            (Op::In | Op::NotIn, Some((last, rest))) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => values.concat(),
        }
    }
}

impl Condition {
    /// What the customer has, as people read it; "—" where that is nothing.
    pub fn actual_words(&self, facts: &Facts, currency: Currency) -> String {
        let actual = facts.actual(&self.field);
        match &actual {
            Actual::Missing => "—".into(),
            Actual::Money(minor) => currency.format(*minor),
            Actual::Average { .. } => actual.average().map_or_else(|| "—".into(), |minor| currency.format(minor)),
            Actual::Integer(number) => format!("{}{}", format_count(*number), unit(&self.field, *number)),
            Actual::Level(level) => level.name().into(),
            Actual::Text(text) | Actual::Scalar { text, .. } => text.clone(),
            Actual::Tags(tags) if tags.is_empty() => "no tags".into(),
            Actual::Tags(tags) => tags.join(", "),
            Actual::Groups(groups) => {
                let asked = self.values.iter().filter_map(|value| match value {
                    Operand::Group(group) if groups.contains(&group.id) => Some(group.name.as_str()),
                    _ => None,
                });
                let names: Vec<&str> = asked.collect();
                if names.is_empty() { "in none of them by hand".into() } else { names.join(", ") }
            }
        }
    }
}

fn operand(field: &Field, operand: &Operand, currency: Currency) -> String {
    match operand {
        Operand::Money(minor) => currency.format(*minor),
        Operand::Integer(number) => format!("{}{}", format_count(*number), unit(field, *number)),
        Operand::Level(level) => level.name().to_owned(),
        Operand::Text(text) if field.kind() == Kind::Status => text.clone(),
        Operand::Text(text) => format!("“{text}”"),
        Operand::Number(number) => number.normalize().to_string(),
        Operand::Group(group) if group.name.is_empty() => "a deleted group".into(),
        Operand::Group(group) => group.name.clone(),
    }
}

fn unit(field: &Field, number: i64) -> &'static str {
    match (field, number) {
        (Field::AccountAgeMonths, 1) => " month",
        (Field::AccountAgeMonths, _) => " months",
        (Field::DaysSinceLastOrder, 1) => " day",
        (Field::DaysSinceLastOrder, _) => " days",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use crate::money::Currency;
    use crate::rules::parse::{Context, parse};
    use serde_json::json;

    #[test]
    fn a_rule_reads_as_one_sentence() {
        let context = Context { currency: Currency::USD, groups: &[], own: None, is_stored: false };
        for (rule, sentence) in [
            (
                json!({"match": "all", "of": [
                    {"field": "total_purchases", "op": "gt", "value": "50000.00"},
                    {"field": "account_age_months", "op": "gt", "value": 12},
                    {"field": "payment_history", "op": "eq", "value": "excellent"},
                ]}),
                "total purchases is greater than $50,000.00 and account age is greater than 12 months and payment history is excellent",
            ),
            (
                json!({"match": "all", "of": [
                    {"field": "orders_last_days", "op": "between", "value": [2, 1000], "days": 90},
                    {"match": "any", "of": [
                        {"field": "country", "op": "in", "value": ["DE", "AT", "CH"]},
                        {"match": "all", "of": [
                            {"field": "region", "op": "is_empty"},
                            {"field": "tag", "op": "ne", "value": "press"},
                        ]},
                        {"match": "all", "of": [{"field": "metadata.seats", "op": "lt", "value": 5.50}]},
                    ]},
                ]}),
                "orders in the last 90 days is between 2 and 1,000 and (country is one of “DE”, “AT” or “CH” or \
                 (region is empty and tag has not “press”) or metadata “seats” is less than 5.5)",
            ),
            (
                json!({"match": "any", "of": [{"match": "all", "of": [
                    {"field": "days_since_last_order", "op": "lte", "value": 1},
                    {"field": "status", "op": "eq", "value": "active"},
                ]}]}),
                "days since last order is at most 1 day and status is active",
            ),
        ] {
            assert_eq!(parse(&rule, &context).unwrap().sentence(Currency::USD), sentence);
        }
    }
}
