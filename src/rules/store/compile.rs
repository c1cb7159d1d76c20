//! A rule as SQL: what it reads from, and each condition as an expression over one customer `c`. Expressions are NULL
//! or false where a value is missing; as rules have no "not", both mean that the customer doesn't match.

use super::expression::Writer;
use super::sql::{Value, Values};
use crate::money::Currency;
use crate::rules::field::Field;
use crate::rules::rule::{Match, Node, Rule};
use chrono::NaiveDate;
use uuid::Uuid;

/// Whom a statement looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum People {
    /// All customers.
    All,
    /// These customers.
    These(Vec<Uuid>),
    /// The customers that a batch of changes touched.
    Batch(Uuid),
}

/// A rule ready to be put into statements.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// What stands behind `FROM`: customers `c` with what the rule asks about them.
    pub from: String,
    /// What stands behind `WHERE` to look at these people only; `true` for all.
    pub people: String,
    /// The same for memberships `m`.
    pub people_of_memberships: String,
    /// Whether a customer matches: true, false or NULL.
    pub matches: String,
    /// Each condition by itself, in the order in which they are written.
    pub conditions: Vec<String>,
    /// Whether a customer lacks a field, of those that may be missing.
    pub missing: Vec<(Field, String)>,
    /// What the texts' places stand for; a statement goes on with it.
    pub values: Values,
    tree: Tree,
    /// How far a customer who fails a condition is from it.
    gaps: Vec<String>,
}

/// The places of the conditions in the rule.
#[derive(Clone, Debug)]
enum Tree {
    Leaf(usize),
    Branch(Match, Vec<Tree>),
}

/// Compiles a rule for the store's currency on a store day.
pub fn compile(rule: &Rule, currency: Currency, today: NaiveDate, people: &People) -> Compiled {
    compile_with(Values::default(), rule, currency, today, people)
}

/// Compiles a rule into a statement that has these values already; it goes on with [`Compiled::values`].
pub fn compile_with(values: Values, rule: &Rule, currency: Currency, today: NaiveDate, people: &People) -> Compiled {
    let mut writer = Writer { values, today, conditions: Vec::new(), gaps: Vec::new() };
    let (is_among, those_orders) = match people {
        People::All => (String::new(), String::new()),
        People::These(ids) => {
            let ids = writer.values.place(Value::Ids(ids.clone()));
            (format!(" = ANY ({ids})"), format!(" AND o.customer_id = ANY ({ids})"))
        }
        People::Batch(batch) => {
            let touched = format!(
                "(SELECT customer_id FROM rule_changes WHERE batch_id = {})",
                writer.values.place(Value::Id(*batch))
            );
            (format!(" IN {touched}"), format!(" AND o.customer_id IN {touched}"))
        }
    };
    let tree = tree(rule, &mut writer);
    let mut from = String::from("customers c");
    let asks = |wanted: fn(&Field) -> bool| rule.conditions().iter().any(|condition| wanted(&condition.field));
    if asks(|field| {
        matches!(
            field,
            Field::TotalPurchases | Field::OrderCount | Field::AverageOrderValue | Field::DaysSinceLastOrder
        )
    }) {
        from.push_str(" LEFT JOIN customer_purchases p ON p.customer_id = c.id");
    }
    if asks(|field| *field == Field::Organization) {
        from.push_str(" LEFT JOIN organizations org ON org.id = c.organization_id");
    }
    for days in rule.windows() {
        let until = writer.values.place(Value::Day(today));
        let from_day = writer.values.place(Value::Day(window_begins(today, days)));
        let currency = writer.values.place(Value::Text(currency.code().into()));
        from.push_str(&format!(
            " LEFT JOIN (SELECT o.customer_id, sum(o.net)::bigint AS net, count(*) FILTER (WHERE NOT o.is_credit_note) AS orders \
             FROM orders o WHERE o.day BETWEEN {from_day} AND {until} AND o.status = 'completed' AND o.currency = {currency}{those_orders} \
             GROUP BY o.customer_id) w{days} ON w{days}.customer_id = c.id"
        ));
    }
    let missing = rule.fields_that_may_be_missing().into_iter().map(|field| {
        let is_missing = writer.is_missing(&field);
        (field, is_missing)
    });
    let missing = missing.collect();
    let mut compiled = Compiled {
        from,
        people: among("c.id", &is_among),
        people_of_memberships: among("m.customer_id", &is_among),
        matches: String::new(),
        conditions: writer.conditions,
        missing,
        values: writer.values,
        tree,
        gaps: writer.gaps,
    };
    compiled.matches = compiled.holds(&compiled.tree);
    compiled
}

fn among(id: &str, is_among: &str) -> String {
    if is_among.is_empty() { "true".into() } else { format!("{id}{is_among}") }
}

/// The first of so many store days that end with `today`.
pub fn window_begins(today: NaiveDate, days: u32) -> NaiveDate {
    today.checked_sub_days(chrono::Days::new(u64::from(days.saturating_sub(1)))).unwrap_or(NaiveDate::MIN)
}

impl Compiled {
    fn holds(&self, tree: &Tree) -> String {
        match tree {
            Tree::Leaf(at) => self.conditions[*at].clone(),
            Tree::Branch(matches, of) => {
                let joint = if *matches == Match::All { " AND " } else { " OR " };
                format!("({})", of.iter().map(|tree| self.holds(tree)).collect::<Vec<_>>().join(joint))
            }
        }
    }

    /// The parts of the rule, where all of them must hold; otherwise none.
    pub fn steps(&self) -> Vec<String> {
        match &self.tree {
            Tree::Branch(Match::All, of) => of.iter().map(|tree| self.holds(tree)).collect(),
            _ => Vec::new(),
        }
    }

    /// How many conditions would have to turn for the customer to match, at least.
    pub fn lacks(&self) -> String {
        self.least(&self.tree, &|at| format!("CASE WHEN {} THEN 0 ELSE 1 END", self.conditions[at]))
    }

    /// How far the customer is from matching, in proportion to what is asked: 0.02 is 2% short, 1 is as much as is
    /// asked, and whatever has no measure.
    pub fn gap(&self) -> String {
        self.least(&self.tree, &|at| format!("CASE WHEN {} THEN 0 ELSE {} END", self.conditions[at], self.gaps[at]))
    }

    fn least(&self, tree: &Tree, leaf: &dyn Fn(usize) -> String) -> String {
        match tree {
            Tree::Leaf(at) => leaf(*at),
            Tree::Branch(matches, of) => {
                let parts: Vec<String> = of.iter().map(|tree| self.least(tree, leaf)).collect();
                match matches {
                    Match::All => format!("({})", parts.join(" + ")),
                    Match::Any => format!("least({})", parts.join(", ")),
                }
            }
        }
    }
}

fn tree(rule: &Rule, writer: &mut Writer) -> Tree {
    let of = rule.of.iter().map(|node| match node {
        Node::Rule(rule) => tree(rule, writer),
        Node::Condition(condition) => Tree::Leaf(writer.add(condition)),
    });
    Tree::Branch(rule.matches, of.collect())
}
