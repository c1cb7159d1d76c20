//! SQL with numbered values whose plan is kept where the same text is asked again, and made anew where it had better be: a
//! statement on a temporary table wants another plan for five rows than for a hundred thousand.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Untyped};
use std::borrow::Cow;
use std::marker::PhantomData;

/// A statement, `$1` and so on standing for values: each for the first time in this order.
#[derive(Clone, Debug)]
pub struct Text {
    sql: Cow<'static, str>,
    kept: bool,
}

/// A statement and its next value.
#[derive(Clone, Debug)]
pub struct With<Before, Type, Value> {
    before: Before,
    value: Value,
    _type: PhantomData<Type>,
}

/// A statement whose plan is kept on the connection, by its text; where not `kept`, it is planned for this time alone.
pub fn planned(kept: bool, sql: impl Into<Cow<'static, str>>) -> Text {
    Text { sql: sql.into(), kept }
}

/// What values can be given to.
pub trait Bind: Sized {
    /// Gives the next value.
    fn bind<Type, Value>(self, value: Value) -> With<Self, Type, Value> {
        With { before: self, value, _type: PhantomData }
    }

    /// How many values it has.
    fn values(&self) -> usize;

    /// Its text after the place of the value before the next one; the place of the next one is to come in it.
    fn rest(&self) -> &str;
}

/// Where a value stands in a text, and where the text goes on.
fn place(text: &str, value: usize) -> Option<(usize, usize)> {
    let mark = format!("${value}");
    text.find(&mark).map(|begins| (begins, begins + mark.len()))
}

impl Bind for Text {
    fn values(&self) -> usize {
        0
    }

    fn rest(&self) -> &str {
        &self.sql
    }
}

impl<Before: Bind, Type, Value> Bind for With<Before, Type, Value> {
    fn values(&self) -> usize {
        self.before.values() + 1
    }

    fn rest(&self) -> &str {
        let text = self.before.rest();
        place(text, self.values()).map_or("", |(_, ends)| &text[ends..])
    }
}

/// Writes the text up to the place of the next value, or to its end.
fn write<'b>(statement: &'b impl Bind, out: &mut AstPass<'_, 'b, Pg>) {
    let text = statement.rest();
    let ends = place(text, statement.values() + 1).map_or(text.len(), |(begins, _)| begins);
    out.push_sql(&text[..ends]);
}

impl QueryFragment<Pg> for Text {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.kept {
            out.unsafe_to_cache_prepared();
        }
        write(self, &mut out);
        Ok(())
    }
}

impl<Before, Type, Value> QueryFragment<Pg> for With<Before, Type, Value>
where
    Before: QueryFragment<Pg> + Bind,
    Pg: HasSqlType<Type>,
    Value: ToSql<Type, Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.before.walk_ast(out.reborrow())?;
        out.push_bind_param::<Type, _>(&self.value)?;
        write(self, &mut out);
        Ok(())
    }
}

/// Known by its text: the same text is prepared once.
impl QueryId for Text {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Before, Type, Value> QueryId for With<Before, Type, Value> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Text {
    type SqlType = Untyped;
}

impl<Before, Type, Value> Query for With<Before, Type, Value> {
    type SqlType = Untyped;
}

impl<Conn> RunQueryDsl<Conn> for Text {}

impl<Before, Type, Value, Conn> RunQueryDsl<Conn> for With<Before, Type, Value> {}
