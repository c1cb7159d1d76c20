//! From JSON to a typed rule, or everything that is wrong with it, each at its condition (SPEC 5).

use super::condition::{Condition, GroupName};
use super::field::{Field, FieldName, KEY_CHARACTERS, MOST_DAYS, Op};
use super::operands::{MOST_VALUES, TEXT_CHARACTERS, never_matches, spelled};
use super::rule::{MOST_CONDITIONS, MOST_DEPTH, Match, Node, Rule};
use crate::error::FieldError;
use crate::money::Currency;
use serde_json::{Map, Value};
use uuid::Uuid;

/// What a rule is read with.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// Amounts are in it.
    pub currency: Currency,
    /// The groups that the rule may refer to.
    pub groups: &'a [GroupName],
    /// The group whose rule it is, which it can't refer to; `None` for a segment's.
    pub own: Option<Uuid>,
    /// Whether a group that isn't there any more is taken all the same, by its id: nobody is in it.
    pub is_stored: bool,
}

/// Something wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The way to the condition or rule: the place in each `of`, from the outside.
    pub at: Vec<usize>,
    /// `match`, `of`, `field`, `op`, `value` or `days`; empty for the whole.
    pub part: &'static str,
    /// One sentence for people.
    pub message: String,
}

impl Fault {
    /// As an error of the JSON body: `rule.of[0].of[2].value`.
    pub fn as_json_field(&self) -> FieldError {
        let mut field = String::from("rule");
        for place in &self.at {
            field.push_str(&format!(".of[{place}]"));
        }
        if !self.part.is_empty() {
            field.push('.');
            field.push_str(self.part);
        }
        FieldError::new(field, self.message.clone())
    }
}

/// The texts by which a rule refers to groups, ids or codes, so that they can be looked up before it is read.
pub fn references(rule: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut left = vec![(rule, 0)];
    while let Some((value, depth)) = left.pop() {
        if depth <= MOST_DEPTH
            && found.len() <= MOST_CONDITIONS * MOST_VALUES
            && let Some(of) = value.get("of").and_then(Value::as_array)
        {
            left.extend(of.iter().map(|node| (node, depth + 1)));
        }
        if value.get("field").and_then(Value::as_str) == Some("in_group") {
            match value.get("value") {
                Some(Value::String(text)) => found.push(text.clone()),
                Some(Value::Array(all)) => found.extend(all.iter().filter_map(Value::as_str).map(str::to_owned)),
                _ => {}
            }
        }
    }
    found.retain(|text| text.len() <= TEXT_CHARACTERS && !text.contains('\0'));
    found.sort_unstable();
    found.dedup();
    found
}

/// Reads a rule.
///
/// # Errors
/// All that is wrong with it, in the order in which it is written.
pub fn parse(value: &Value, context: &Context<'_>) -> Result<Rule, Vec<Fault>> {
    let mut reader = Reader { context, faults: Vec::new(), conditions: 0, at: Vec::new() };
    let rule = reader.rule(value);
    if reader.conditions > MOST_CONDITIONS {
        let message = format!("A rule has at most {MOST_CONDITIONS} conditions; this one has {}.", reader.conditions);
        return Err(vec![Fault { at: Vec::new(), part: "", message }]);
    }
    match rule {
        Some(rule) if reader.faults.is_empty() => Ok(rule),
        _ => Err(reader.faults),
    }
}

pub(super) struct Reader<'a> {
    pub(super) context: &'a Context<'a>,
    faults: Vec<Fault>,
    conditions: usize,
    at: Vec<usize>,
}

impl Reader<'_> {
    pub(super) fn wrong<T>(&mut self, part: &'static str, message: impl Into<String>) -> Option<T> {
        self.faults.push(Fault { at: self.at.clone(), part, message: message.into() });
        None
    }

    fn known_keys(&mut self, object: &Map<String, Value>, known: &[&str]) -> Option<()> {
        match object.keys().find(|key| !known.contains(&key.as_str())) {
            None => Some(()),
            Some(key) => {
                let key: String = key.chars().take(40).collect();
                self.wrong("", format!("“{key}” has no place here: there are {}.", known.join(", ")))
            }
        }
    }

    fn rule(&mut self, value: &Value) -> Option<Rule> {
        let Some(object) = value.as_object() else {
            return self.wrong("", "A rule is an object like {\"match\": \"all\", \"of\": […]}.");
        };
        if self.at.len() >= MOST_DEPTH {
            return self.wrong("", format!("Rules are nested at most {MOST_DEPTH} deep. Move this one further out."));
        }
        let known = self.known_keys(object, &["match", "of"]);
        let matches = match object.get("match").and_then(Value::as_str) {
            Some("all") => Some(Match::All),
            Some("any") => Some(Match::Any),
            _ => self.wrong("match", "match is \"all\" or \"any\"."),
        };
        let Some(parts) = object.get("of").and_then(Value::as_array).filter(|parts| !parts.is_empty()) else {
            return self.wrong("of", "Add at least one condition.");
        };
        // What is far beyond the limit is not read to its end.
        if self.conditions + parts.len() > MOST_CONDITIONS * 10 {
            self.conditions += parts.len();
            return None;
        }
        let mut of = Vec::with_capacity(parts.len());
        for (place, part) in parts.iter().enumerate() {
            self.at.push(place);
            let is_rule = part.get("match").is_some() || part.get("of").is_some();
            let node =
                if is_rule { self.rule(part).map(Node::Rule) } else { self.condition(part).map(Node::Condition) };
            of.extend(node);
            self.at.pop();
        }
        known?;
        Some(Rule { matches: matches?, of })
    }

    fn condition(&mut self, value: &Value) -> Option<Condition> {
        self.conditions += 1;
        let Some(object) = value.as_object() else {
            return self.wrong(
                "",
                "A condition is an object like {\"field\": \"order_count\", \"op\": \"gt\", \"value\": 5}.",
            );
        };
        self.known_keys(object, &["field", "op", "value", "days"])?;
        let field = self.field(object)?;
        let kind = field.kind();
        let Some(op) = object.get("op").and_then(Value::as_str).and_then(Op::from_name) else {
            let known: Vec<&str> = Op::ALL.into_iter().filter(|op| op.suits(kind)).map(Op::name).collect();
            return self
                .wrong("op", format!("There is no such operator. {} takes {}.", field.name().label, known.join(", ")));
        };
        if !op.suits(kind) {
            let known: Vec<&str> = Op::ALL.into_iter().filter(|op| op.suits(kind)).map(Op::name).collect();
            let label = field.name().label;
            return self.wrong("op", format!("{label} doesn't take {}; it takes {}.", op.name(), known.join(", ")));
        }
        let mut values = self.values(kind, op, object.get("value"))?;
        for value in &mut values {
            spelled(&field, value);
            // One that was saved before this was known goes on matching nobody.
            if let Some(why) = never_matches(&field, op, value).filter(|_| !self.context.is_stored) {
                return self.wrong("value", why);
            }
        }
        Some(Condition { field, op, values })
    }

    fn field(&mut self, object: &Map<String, Value>) -> Option<Field> {
        let given = object.get("field").and_then(Value::as_str).unwrap_or_default();
        let Some(name) = FieldName::of(given) else {
            let known: Vec<&str> = super::field::FIELDS
                .iter()
                .map(|f| if f.name == "metadata" { "metadata.KEY" } else { f.name })
                .collect();
            return self.wrong("field", format!("There is no such field. There are {}.", known.join(", ")));
        };
        let days = match (name.has_days, object.get("days")) {
            (false, None | Some(Value::Null)) => 0,
            (false, Some(_)) => {
                return self.wrong("days", format!("{} takes no days. Leave them out.", name.label));
            }
            (true, days) => {
                let days = days.and_then(Value::as_u64).and_then(|days| u32::try_from(days).ok());
                let Some(days) = days.filter(|days| (1..=MOST_DAYS).contains(days)) else {
                    return self.wrong("days", "Say how many days: a whole number from 1 to 3660.");
                };
                days
            }
        };
        Some(match name.name {
            "total_purchases" => Field::TotalPurchases,
            "purchases_last_days" => Field::PurchasesLastDays(days),
            "order_count" => Field::OrderCount,
            "orders_last_days" => Field::OrdersLastDays(days),
            "average_order_value" => Field::AverageOrderValue,
            "account_age_months" => Field::AccountAgeMonths,
            "days_since_last_order" => Field::DaysSinceLastOrder,
            "payment_history" => Field::PaymentHistory,
            "status" => Field::Status,
            "country" => Field::Country,
            "region" => Field::Region,
            "organization" => Field::Organization,
            "email_domain" => Field::EmailDomain,
            "tag" => Field::Tag,
            "in_group" => Field::InGroup,
            _ => {
                let key = given.strip_prefix("metadata.").unwrap_or_default();
                if key.trim().is_empty() || key.chars().count() > KEY_CHARACTERS || key.contains('\0') {
                    return self.wrong("field", "Name the metadata key: metadata.channel, up to 100 characters.");
                }
                Field::Metadata(key.to_owned())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const OWN: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    fn read(value: &Value) -> Result<Rule, Vec<String>> {
        let group = |id, code: &str| GroupName { id, code: code.into(), name: code.to_lowercase() };
        let groups = [group(OWN, "OWN"), group(OTHER, "OTHER"), group(crate::groups::group::ROOT_ID, "ALL")];
        let context = Context { currency: Currency::USD, groups: &groups, own: Some(OWN), is_stored: false };
        parse(value, &context).map_err(|faults| {
            faults.iter().map(|fault| fault.as_json_field()).map(|e| format!("{}: {}", e.field, e.message)).collect()
        })
    }

    #[allow(clippy::needless_pass_by_value, reason = "a list as it is written")]
    fn all(conditions: Value) -> Value {
        json!({"match": "all", "of": conditions})
    }

    /// A rule this deep, with one condition inside.
    fn deep(depth: usize) -> Value {
        let condition = json!({"field": "order_count", "op": "gt", "value": 1});
        (0..depth).fold(condition, |inner, _| all(json!([inner])))
    }

    #[test]
    fn a_rule_goes_in_and_out_as_it_is_written() {
        let rule = json!({"match": "all", "of": [
            {"field": "total_purchases", "op": "gt", "value": "50000.00"},
            {"match": "any", "of": [
                {"field": "purchases_last_days", "op": "between", "value": ["0.50", "100.00"], "days": 90},
                {"field": "payment_history", "op": "in", "value": ["good", "excellent"]},
                {"field": "metadata.employees", "op": "gte", "value": 12.50},
                {"field": "metadata.channel", "op": "eq", "value": "web shop"},
                {"field": "region", "op": "is_empty"},
                {"field": "in_group", "op": "ne", "value": OTHER},
            ]},
            {"field": "orders_last_days", "op": "lte", "value": -3, "days": 1},
        ]});
        let typed = read(&rule).unwrap();
        assert_eq!(typed.to_json(Currency::USD), rule);
        assert_eq!(typed.conditions().len(), 8);
        assert_eq!((typed.windows(), typed.groups()), (vec![1, 90], vec![OTHER]));
        let by_code = read(&all(json!([{"field": "in_group", "op": "eq", "value": "OTHER"}]))).unwrap();
        assert_eq!(by_code.groups(), [OTHER]);
        assert!(read(&deep(5)).is_ok());
    }

    #[test]
    fn what_is_wrong_is_told_at_its_place() {
        let many = |n: usize| all(Value::Array(vec![json!({"field": "order_count", "op": "gt", "value": 1}); n]));
        assert!(read(&many(100)).is_ok());
        for (rule, told) in [
            (json!(5), "rule: A rule is an object"),
            (json!({"match": "some", "of": [{"field": "region", "op": "is_empty"}]}), "rule.match: "),
            (json!({"match": "all", "of": []}), "rule.of: Add at least one"),
            (json!({"match": "all"}), "rule.of: Add at least one"),
            (json!({"match": "all", "of": [{"match": "any", "of": []}]}), "rule.of[0].of: Add at least one"),
            (all(json!([7])), "rule.of[0]: A condition is an object"),
            (all(json!([{"field": "shoe_size", "op": "gt", "value": 1}])), "rule.of[0].field: There is no such field"),
            (all(json!([{"op": "gt", "value": 1}])), "rule.of[0].field: "),
            (all(json!([{"field": "metadata.", "op": "is_empty"}])), "rule.of[0].field: Name the metadata key"),
            (all(json!([{"field": "metadata", "op": "is_empty"}])), "rule.of[0].field: Name the metadata key"),
            (
                all(json!([{"field": "order_count", "op": "above", "value": 1}])),
                "rule.of[0].op: There is no such operator",
            ),
            (all(json!([{"field": "order_count", "value": 1}])), "rule.of[0].op: "),
            (
                all(json!([{"field": "order_count", "op": "contains", "value": "1"}])),
                "rule.of[0].op: Order count doesn't take contains",
            ),
            (all(json!([{"field": "region", "op": "gt", "value": "x"}])), "rule.of[0].op: Region doesn't take gt"),
            (all(json!([{"field": "in_group", "op": "is_empty"}])), "rule.of[0].op: "),
            (
                all(json!([{"field": "order_count", "op": "gt", "value": "1"}])),
                "rule.of[0].value: Enter a whole number",
            ),
            (
                all(json!([{"field": "order_count", "op": "gt", "value": 1.5}])),
                "rule.of[0].value: Enter a whole number",
            ),
            (
                all(json!([{"field": "order_count", "op": "gt", "value": 1_000_000_001}])),
                "rule.of[0].value: Enter a whole number",
            ),
            (all(json!([{"field": "order_count", "op": "gt"}])), "rule.of[0].value: Enter a value"),
            (all(json!([{"field": "total_purchases", "op": "gt", "value": 5}])), "rule.of[0].value: Enter an amount"),
            (
                all(json!([{"field": "total_purchases", "op": "gt", "value": "5.005"}])),
                "rule.of[0].value: The amount has more decimals",
            ),
            (
                all(json!([{"field": "total_purchases", "op": "gt", "value": "5,00"}])),
                "rule.of[0].value: The amount is not an amount",
            ),
            (all(json!([{"field": "payment_history", "op": "eq", "value": "great"}])), "rule.of[0].value: Enter poor"),
            (all(json!([{"field": "status", "op": "eq", "value": "gone"}])), "rule.of[0].value: Enter active"),
            (all(json!([{"field": "region", "op": "eq", "value": ""}])), "rule.of[0].value: Enter a text"),
            (all(json!([{"field": "region", "op": "eq", "value": "C\u{200b}A"}])), "rule.of[0].value: Enter a text"),
            (all(json!([{"field": "country", "op": "ne", "value": "USA"}])), "rule.of[0].value: Enter a country by"),
            (
                all(json!([{"field": "email_domain", "op": "in", "value": ["@example.com"]}])),
                "rule.of[0].value: Enter what comes after the @",
            ),
            (all(json!([{"field": "region", "op": "in", "value": "x"}])), "rule.of[0].value: in takes a list"),
            (
                all(json!([{"field": "region", "op": "in", "value": []}])),
                "rule.of[0].value: in takes a list of 1 to 100",
            ),
            (
                all(json!([{"field": "region", "op": "is_empty", "value": "x"}])),
                "rule.of[0].value: is_empty takes no value",
            ),
            (
                all(json!([{"field": "order_count", "op": "between", "value": [1]}])),
                "rule.of[0].value: between takes a list of two",
            ),
            (
                all(json!([{"field": "order_count", "op": "between", "value": [2, 1]}])),
                "rule.of[0].value: The first value is above",
            ),
            (all(json!([{"field": "metadata.a", "op": "gt", "value": "5"}])), "rule.of[0].value: Enter a number"),
            (all(json!([{"field": "orders_last_days", "op": "gt", "value": 1}])), "rule.of[0].days: Say how many days"),
            (
                all(json!([{"field": "orders_last_days", "op": "gt", "value": 1, "days": 0}])),
                "rule.of[0].days: Say how many days",
            ),
            (
                all(json!([{"field": "orders_last_days", "op": "gt", "value": 1, "days": 3661}])),
                "rule.of[0].days: Say how many days",
            ),
            (
                all(json!([{"field": "order_count", "op": "gt", "value": 1, "days": 30}])),
                "rule.of[0].days: Order count takes no days",
            ),
            (
                all(json!([{"field": "order_count", "op": "gt", "value": 1, "valeu": 2}])),
                "rule.of[0]: “valeu” has no place",
            ),
            (
                all(json!([{"field": "in_group", "op": "eq", "value": "NONE"}])),
                "rule.of[0].value: There is no group “NONE”",
            ),
            (
                all(json!([{"field": "in_group", "op": "eq", "value": "OWN"}])),
                "rule.of[0].value: A rule can't refer to the group",
            ),
            (
                all(json!([{"field": "in_group", "op": "in", "value": ["OTHER", OWN]}])),
                "rule.of[0].value: A rule can't refer to the group",
            ),
            (
                all(json!([{"field": "in_group", "op": "eq", "value": "ALL"}])),
                "rule.of[0].value: Everybody is in All Customers",
            ),
            (deep(6), "rule.of[0].of[0].of[0].of[0].of[0]: Rules are nested at most 5 deep"),
            (many(101), "rule: A rule has at most 100 conditions; this one has 101."),
            (many(2000), "rule: A rule has at most 100 conditions"),
        ] {
            let errors = read(&rule).unwrap_err();
            assert!(errors.len() == 1 && errors[0].starts_with(told), "{rule}: {errors:?}");
        }
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let rule = json!({"match": "any", "of": [
            {"field": "order_count", "op": "gt", "value": "x"},
            {"match": "all", "of": [{"field": "nothing", "op": "gt"}]},
        ]});
        let fields: Vec<String> = read(&rule).unwrap_err();
        assert_eq!(fields.len(), 2);
        assert!(fields[1].starts_with("rule.of[1].of[0].field: "));
    }

    #[test]
    fn a_stored_rule_outlives_a_group_that_it_refers_to() {
        let rule = all(json!([{"field": "in_group", "op": "eq", "value": Uuid::from_u128(9)}]));
        assert!(read(&rule).is_err());
        let context = Context { currency: Currency::USD, groups: &[], own: None, is_stored: true };
        assert_eq!(parse(&rule, &context).unwrap().groups(), [Uuid::from_u128(9)]);
        assert_eq!(references(&rule), [Uuid::from_u128(9).to_string()]);
    }
}
