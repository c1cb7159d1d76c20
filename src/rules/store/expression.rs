//! Each condition as an SQL expression over one customer `c` and what is joined to it.

use super::sql::{Value, Values};
use crate::rules::condition::{Condition, Level, Operand};
use crate::rules::field::{Field, Kind, Op};
use chrono::{Datelike, Months, NaiveDate};

/// Writes conditions as expressions, and keeps their values.
pub(super) struct Writer {
    pub(super) values: Values,
    pub(super) today: NaiveDate,
    pub(super) conditions: Vec<String>,
    /// How far a customer who fails a condition is from it.
    pub(super) gaps: Vec<String>,
}

impl Writer {
    /// Writes a condition; its place among the others.
    pub(super) fn add(&mut self, condition: &Condition) -> usize {
        let text = format!("({})", self.condition(condition));
        self.conditions.push(text);
        let gap = self.gap(condition);
        self.gaps.push(gap);
        self.conditions.len() - 1
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
                let value = if zero_fails(condition) { self.stored(field) } else { self.value(field) };
                self.plain(&value, condition)
            }
        }
    }

    /// How far a value is from the nearest one asked for, in proportion to that.
    fn gap(&mut self, condition: &Condition) -> String {
        let value = match &condition.field {
            Field::AverageOrderValue => "(p.net::numeric / nullif(p.orders, 0))".to_owned(),
            Field::AccountAgeMonths => {
                format!("(({} - c.customer_since) / 30.4375)", self.values.place(Value::Day(self.today)))
            }
            field if matches!(field.kind(), Kind::Money | Kind::Integer) => self.value(field),
            _ => return "1".into(),
        };
        let asked: Vec<i64> = condition
            .values
            .iter()
            .filter_map(|value| match value {
                Operand::Money(number) | Operand::Integer(number) => Some(*number),
                _ => None,
            })
            .collect();
        let gaps: Vec<String> = asked
            .into_iter()
            .map(|number| {
                let place = self.values.place(Value::Number(number));
                format!("abs({value} - {place})::numeric / greatest(abs({place}), 1)")
            })
            .collect();
        if gaps.is_empty() { "1".into() } else { format!("coalesce(least({}), 1)", gaps.join(", ")) }
    }

    /// The value of a roll-up as it is stored: nothing where others have 0.
    fn stored(&mut self, field: &Field) -> String {
        match field {
            Field::TotalPurchases => "p.net".into(),
            Field::OrderCount => "p.orders".into(),
            Field::PurchasesLastDays(days) => format!("w{days}.net"),
            Field::OrdersLastDays(days) => format!("w{days}.orders"),
            other => self.value(other),
        }
    }

    /// The value of a field that is one expression.
    fn value(&mut self, field: &Field) -> String {
        match field {
            Field::TotalPurchases | Field::OrderCount | Field::PurchasesLastDays(_) | Field::OrdersLastDays(_) => {
                format!("coalesce({}, 0)", self.stored(field))
            }
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

    /// Whether a customer lacks a field.
    pub(super) fn is_missing(&mut self, field: &Field) -> String {
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

/// Whether 0 doesn't meet a condition on a roll-up. Then customers without a row there need not be looked at: the
/// planner sees that from the comparison, as long as nothing turns a missing row into 0.
fn zero_fails(condition: &Condition) -> bool {
    let numbers: Vec<i64> = condition
        .values
        .iter()
        .filter_map(|value| match value {
            Operand::Money(number) | Operand::Integer(number) => Some(*number),
            _ => None,
        })
        .collect();
    match (condition.op, numbers.as_slice()) {
        (Op::Gt, [n]) => *n >= 0,
        (Op::Gte, [n]) => *n > 0,
        (Op::Lt, [n]) => *n <= 0,
        (Op::Lte, [n]) => *n < 0,
        (Op::Between, [low, high]) => *low > 0 || *high < 0,
        (Op::Eq | Op::In, all) => !all.is_empty() && !all.contains(&0),
        _ => false,
    }
}
