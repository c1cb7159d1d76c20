//! A rule as SQL: what it reads from, and each condition as an expression over one customer `c`. Expressions are NULL
//! or false where a value is missing; as rules have no "not", both mean that the customer doesn't match.

use super::sql::{Value, Values};
use crate::money::Currency;
use crate::rules::condition::{Condition, Level, Operand};
use crate::rules::field::{Field, Op};
use crate::rules::rule::{Match, Node, Rule};
use chrono::{Datelike, Months, NaiveDate};
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
    /// Whether a customer matches: true, false or NULL.
    pub matches: String,
    /// Each condition by itself, in the order in which they are written.
    pub conditions: Vec<String>,
    /// Whether a customer lacks a field, of those that may be missing.
    pub missing: Vec<(Field, String)>,
    /// What the texts' places stand for; a statement goes on with it.
    pub values: Values,
    tree: Tree,
}

/// The places of the conditions in the rule.
#[derive(Clone, Debug)]
enum Tree {
    Leaf(usize),
    Branch(Match, Vec<Tree>),
}

/// Compiles a rule for the store's currency on a store day.
pub fn compile(rule: &Rule, currency: Currency, today: NaiveDate, people: &People) -> Compiled {
    let mut writer = Writer { values: Values::default(), today, conditions: Vec::new() };
    let (those, those_orders) = match people {
        People::All => ("true".to_owned(), String::new()),
        People::These(ids) => {
            let ids = writer.values.place(Value::Ids(ids.clone()));
            (format!("c.id = ANY ({ids})"), format!(" AND o.customer_id = ANY ({ids})"))
        }
        People::Batch(batch) => {
            let touched = format!(
                "(SELECT customer_id FROM rule_changes WHERE batch_id = {})",
                writer.values.place(Value::Id(*batch))
            );
            (format!("c.id IN {touched}"), format!(" AND o.customer_id IN {touched}"))
        }
    };
    let tree = writer.tree(rule);
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
        people: those,
        matches: String::new(),
        conditions: writer.conditions,
        missing,
        values: writer.values,
        tree,
    };
    compiled.matches = compiled.holds(&compiled.tree);
    compiled
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

    /// How many conditions would have to turn for the customer to match, at least.
    pub fn lacks(&self) -> String {
        self.least(&self.tree, &|condition| format!("CASE WHEN {condition} THEN 0 ELSE 1 END"))
    }

    fn least(&self, tree: &Tree, leaf: &dyn Fn(&str) -> String) -> String {
        match tree {
            Tree::Leaf(at) => leaf(&self.conditions[*at]),
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

struct Writer {
    values: Values,
    today: NaiveDate,
    conditions: Vec<String>,
}

impl Writer {
    fn tree(&mut self, rule: &Rule) -> Tree {
        let of = rule.of.iter().map(|node| match node {
            Node::Rule(rule) => self.tree(rule),
            Node::Condition(condition) => {
                let text = format!("({})", self.condition(condition));
                self.conditions.push(text);
                Tree::Leaf(self.conditions.len() - 1)
            }
        });
        Tree::Branch(rule.matches, of.collect())
    }

    fn condition(&mut self, condition: &Condition) -> String {
        match (condition.op, &condition.field) {
            (Op::IsEmpty, Field::Tag) => "cardinality(c.tags) = 0".into(),
            (Op::IsNotEmpty, Field::Tag) => "cardinality(c.tags) > 0".into(),
            (Op::IsEmpty, field) => self.is_missing(field),
            (Op::IsNotEmpty, field) => format!("NOT ({})", self.is_missing(field)),
            (_, Field::AverageOrderValue) => self.average(condition),
            (_, Field::AccountAgeMonths) => self.age(condition),
            (_, Field::PaymentHistory) => self.level(condition),
            (_, Field::Tag) => self.tag(condition),
            (_, Field::Metadata(key)) => self.metadata(key, condition),
            (_, Field::InGroup) => self.in_group(condition),
            (_, field) => {
                let value = self.value(field);
                self.plain(&value, condition)
            }
        }
    }

    /// The value of a field that is one expression.
    fn value(&mut self, field: &Field) -> String {
        match field {
            Field::TotalPurchases => "coalesce(p.net, 0)".into(),
            Field::OrderCount => "coalesce(p.orders, 0)".into(),
            Field::PurchasesLastDays(days) => format!("coalesce(w{days}.net, 0)"),
            Field::OrdersLastDays(days) => format!("coalesce(w{days}.orders, 0)"),
            Field::AverageOrderValue => "nullif(p.orders, 0)".into(),
            Field::AccountAgeMonths => "c.customer_since".into(),
            Field::DaysSinceLastOrder => format!("({} - p.last_order_on)", self.values.place(Value::Day(self.today))),
            Field::PaymentHistory => "c.payment_history".into(),
            Field::Status => "c.status".into(),
            Field::Country => "c.country".into(),
            Field::Region => "nullif(c.region, '')".into(),
            Field::Organization => "org.code".into(),
            Field::EmailDomain => {
                "CASE WHEN strpos(c.email, '@') > 0 THEN nullif(lower(split_part(c.email, '@', -1) COLLATE \"C\"), '') END".into()
            }
            Field::Tag => "c.tags".into(),
            Field::Metadata(key) => {
                let key = self.values.place(Value::Text(key.clone()));
                format!(
                    "CASE WHEN jsonb_typeof(c.metadata -> {key}) IN ('string', 'number', 'boolean') \
                     THEN nullif(c.metadata ->> {key}, '') END"
                )
            }
            Field::InGroup => "c.id".into(),
        }
    }

    fn is_missing(&mut self, field: &Field) -> String {
        if !field.can_be_missing() {
            return "false".into();
        }
        format!("({}) IS NULL", self.value(field))
    }

    /// A comparison of one expression with bound values.
    fn plain(&mut self, value: &str, condition: &Condition) -> String {
        let sign = match condition.op {
            Op::Eq => "=",
            Op::Ne => "<>",
            Op::Gt => ">",
            Op::Gte => ">=",
            Op::Lt => "<",
            Op::Lte => "<=",
            Op::Between => {
                let bounds: Vec<String> = condition.values.iter().map(|value| self.operand(value)).collect();
                return format!("{value} BETWEEN {}", bounds.join(" AND "));
            }
            Op::In => return format!("{value} = ANY ({})", self.operands(&condition.values)),
            Op::NotIn => return format!("{value} <> ALL ({})", self.operands(&condition.values)),
            Op::Contains => return format!("strpos({value}, {}) > 0", self.first(condition)),
            Op::StartsWith => return format!("starts_with({value}, {})", self.first(condition)),
            Op::IsEmpty => return format!("({value}) IS NULL"),
            Op::IsNotEmpty => return format!("({value}) IS NOT NULL"),
        };
        format!("{value} {sign} {}", self.first(condition))
    }

    fn first(&mut self, condition: &Condition) -> String {
        condition.values.first().map_or_else(|| "NULL".into(), |value| self.operand(value))
    }

    fn operand(&mut self, operand: &Operand) -> String {
        let value = match operand {
            Operand::Money(number) | Operand::Integer(number) => Value::Number(*number),
            Operand::Level(level) => Value::Text(level.name().into()),
            Operand::Text(text) => Value::Text(text.clone()),
            Operand::Number(number) => Value::Decimal(*number),
            Operand::Group(group) => Value::Id(group.id),
        };
        self.values.place(value)
    }

    fn operands(&mut self, operands: &[Operand]) -> String {
        let mut numbers = Vec::new();
        let mut texts = Vec::new();
        for operand in operands {
            match operand {
                Operand::Money(number) | Operand::Integer(number) => numbers.push(*number),
                Operand::Text(text) => texts.push(text.clone()),
                Operand::Level(_) | Operand::Number(_) | Operand::Group(_) => {}
            }
        }
        self.values.place(if texts.is_empty() { Value::Numbers(numbers) } else { Value::Texts(texts) })
    }

    /// net / orders against an amount, without dividing. Whole numbers where they can't overflow.
    fn average(&mut self, condition: &Condition) -> String {
        let mut against = |sign: &str, operand: &Operand| {
            let Operand::Money(amount) = operand else { return "false".to_owned() };
            let place = self.values.place(Value::Number(*amount));
            if amount.unsigned_abs() <= 4_000_000_000 {
                format!("p.net {sign} {place} * p.orders")
            } else {
                format!("p.net {sign} {place}::numeric * p.orders")
            }
        };
        let values = condition.values.as_slice();
        let mut each =
            |sign: &str, joint: &str| values.iter().map(|value| against(sign, value)).collect::<Vec<_>>().join(joint);
        let holds = match condition.op {
            Op::Ne | Op::NotIn => each("<>", " AND "),
            Op::Gt => each(">", ""),
            Op::Gte => each(">=", ""),
            Op::Lt => each("<", ""),
            Op::Lte => each("<=", ""),
            Op::Between => match values {
                [low, high] => format!("{} AND {}", against(">=", low), against("<=", high)),
                _ => "false".into(),
            },
            _ => each("=", " OR "),
        };
        format!("p.orders > 0 AND ({holds})")
    }

    /// Whole months as bounds of the day: a customer is n months old or more who has been one since the day n months
    /// ago or earlier.
    fn age(&mut self, condition: &Condition) -> String {
        let numbers: Vec<i64> = condition
            .values
            .iter()
            .filter_map(|value| if let Operand::Integer(n) = value { Some(*n) } else { None })
            .collect();
        let mut at_least = |months: i64| format!("c.customer_since <= {}", self.months_ago(months));
        let mut exactly =
            |months: i64| format!("({} AND NOT {})", at_least(months), at_least(months.saturating_add(1)));
        match (condition.op, numbers.as_slice()) {
            (Op::Gte, [n]) => at_least(*n),
            (Op::Gt, [n]) => at_least(n.saturating_add(1)),
            (Op::Lt, [n]) => format!("NOT {}", at_least(*n)),
            (Op::Lte, [n]) => format!("NOT {}", at_least(n.saturating_add(1))),
            (Op::Between, [low, high]) => format!("{} AND NOT {}", at_least(*low), at_least(high.saturating_add(1))),
            (Op::Ne | Op::NotIn, all) => {
                all.iter().map(|n| format!("NOT {}", exactly(*n))).collect::<Vec<_>>().join(" AND ")
            }
            (_, all) => all.iter().map(|n| exactly(*n)).collect::<Vec<_>>().join(" OR "),
        }
    }

    /// The day so many months before today; days that neither calendar reaches are the ends of time.
    fn months_ago(&mut self, months: i64) -> String {
        let by = Months::new(u32::try_from(months.unsigned_abs()).unwrap_or(u32::MAX));
        let day = if months >= 0 { self.today.checked_sub_months(by) } else { self.today.checked_add_months(by) };
        match day.filter(|day| (-4_000..200_000).contains(&day.year())) {
            Some(day) => self.values.place(Value::Day(day)),
            None if months >= 0 => "date '-infinity'".into(),
            None => "date 'infinity'".into(),
        }
    }

    /// Levels are few: those that meet the condition are listed.
    fn level(&mut self, condition: &Condition) -> String {
        let rank = |value: &Operand| if let Operand::Level(level) = value { level.rank() } else { -1 };
        let bounds: Vec<i64> = condition.values.iter().map(rank).collect();
        let first = bounds.first().copied().unwrap_or(-1);
        let last = bounds.last().copied().unwrap_or(-1);
        let good = |level: &Level| {
            let level = level.rank();
            match condition.op {
                Op::Ne | Op::NotIn => !bounds.contains(&level),
                Op::Gt => level > first,
                Op::Gte => level >= first,
                Op::Lt => level < first,
                Op::Lte => level <= first,
                Op::Between => (first..=last).contains(&level),
                _ => bounds.contains(&level),
            }
        };
        let names = Level::ALL.into_iter().filter(good).map(|level| level.name().to_owned()).collect();
        format!("c.payment_history = ANY ({})", self.values.place(Value::Texts(names)))
    }

    fn tag(&mut self, condition: &Condition) -> String {
        match condition.op {
            Op::Contains | Op::StartsWith => {
                let test = self.plain("t", condition);
                format!("EXISTS (SELECT FROM unnest(c.tags) t WHERE {test})")
            }
            op => {
                let has = format!("c.tags && {}", self.operands(&condition.values));
                if matches!(op, Op::Ne | Op::NotIn) { format!("NOT ({has})") } else { has }
            }
        }
    }

    fn in_group(&mut self, condition: &Condition) -> String {
        let id = |value: &Operand| if let Operand::Group(group) = value { Some(group.id) } else { None };
        let ids = self.values.place(Value::Ids(condition.values.iter().filter_map(id).collect()));
        let not = if matches!(condition.op, Op::Ne | Op::NotIn) { "NOT " } else { "" };
        format!(
            "c.id {not}IN (SELECT m.customer_id FROM memberships m JOIN groups g ON g.id = m.group_id \
             WHERE g.deleted_at IS NULL AND m.by_hand AND m.group_id = ANY ({ids}))"
        )
    }

    /// Text is compared with text, and with a number where it is a plain one. Text is never equal to a number.
    fn metadata(&mut self, key: &str, condition: &Condition) -> String {
        let text = self.value(&Field::Metadata(key.to_owned()));
        let place = self.values.place(Value::Text(key.to_owned()));
        let number = format!(
            "CASE WHEN (c.metadata ->> {place}) ~ '^-?[0-9]{{1,15}}(\\.[0-9]{{1,12}})?$' THEN (c.metadata ->> {place})::numeric END"
        );
        match condition.op {
            Op::Contains | Op::StartsWith => self.plain(&format!("({text})"), condition),
            Op::Gt | Op::Gte | Op::Lt | Op::Lte | Op::Between => self.plain(&format!("({number})"), condition),
            op => {
                let equals: Vec<String> = condition
                    .values
                    .iter()
                    .map(|value| {
                        let left = if matches!(value, Operand::Number(_)) { &number } else { &text };
                        format!("({left}) = {}", self.operand(value))
                    })
                    .collect();
                let any = equals.join(" OR ");
                if matches!(op, Op::Ne | Op::NotIn) {
                    format!("({text}) IS NOT NULL AND ({any}) IS NOT TRUE")
                } else {
                    any
                }
            }
        }
    }
}
