//! A statement whose text is put together from pieces of this program, and its values beside it. No value ever becomes
//! a part of the text.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types;
use rust_decimal::Decimal;
use uuid::Uuid;

/// A value of a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `text`
    Text(String),
    /// `text[]`
    Texts(Vec<String>),
    /// `bigint`
    Number(i64),
    /// `bigint[]`
    Numbers(Vec<i64>),
    /// `numeric`
    Decimal(Decimal),
    /// `date`
    Day(NaiveDate),
    /// `timestamptz`
    Instant(DateTime<Utc>),
    /// `uuid`
    Id(Uuid),
    /// `uuid[]`
    Ids(Vec<Uuid>),
}

/// The values of a statement, in the order of their places.
#[derive(Clone, Debug, Default)]
pub struct Values(Vec<Value>);

impl Values {
    /// Takes a value and gives its place with its type: `$3::bigint`. The place may stand in the text more than once.
    pub fn place(&mut self, value: Value) -> String {
        let name = match &value {
            Value::Text(_) => "text",
            Value::Texts(_) => "text[]",
            Value::Number(_) => "bigint",
            Value::Numbers(_) => "bigint[]",
            Value::Decimal(_) => "numeric",
            Value::Day(_) => "date",
            Value::Instant(_) => "timestamptz",
            Value::Id(_) => "uuid",
            Value::Ids(_) => "uuid[]",
        };
        // A value that is there already needs no second place.
        let at = self.0.iter().position(|known| *known == value).unwrap_or_else(|| {
            self.0.push(value);
            self.0.len() - 1
        });
        format!("${}::{name}", at + 1)
    }

    /// The statement of this text with the values at their places.
    pub fn query(&self, text: &str) -> BoxedSqlQuery<'static, Pg, SqlQuery> {
        let mut query = diesel::sql_query(text).into_boxed::<Pg>();
        for value in self.0.iter().cloned() {
            query = match value {
                Value::Text(value) => query.bind::<sql_types::Text, _>(value),
                Value::Texts(value) => query.bind::<sql_types::Array<sql_types::Text>, _>(value),
                Value::Number(value) => query.bind::<sql_types::BigInt, _>(value),
                Value::Numbers(value) => query.bind::<sql_types::Array<sql_types::BigInt>, _>(value),
                Value::Decimal(value) => query.bind::<sql_types::Numeric, _>(value),
                Value::Day(value) => query.bind::<sql_types::Date, _>(value),
                Value::Instant(value) => query.bind::<sql_types::Timestamptz, _>(value),
                Value::Id(value) => query.bind::<sql_types::Uuid, _>(value),
                Value::Ids(value) => query.bind::<sql_types::Array<sql_types::Uuid>, _>(value),
            };
        }
        query
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_places_and_types_and_are_never_text() {
        let mut values = Values::default();
        let hostile = "x'; DROP TABLE customers; --";
        assert_eq!(values.place(Value::Text(hostile.into())), "$1::text");
        assert_eq!(values.place(Value::Number(5)), "$2::bigint");
        assert_eq!(values.place(Value::Text(hostile.into())), "$1::text");
        let text = diesel::debug_query::<Pg, _>(&values.query("SELECT $1::text")).to_string();
        assert!(text.starts_with("SELECT $1::text -- binds"), "{text}");
    }
}
