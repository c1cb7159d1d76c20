//! Hand-written SQL that is prepared once on each connection. `diesel::sql_query` is parsed and planned anew at every
//! call, in a round trip of its own: too much for what every page asks.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Untyped};
use std::marker::PhantomData;

/// A statement whose rows are read by name, as those of `sql_query`. Its text is a constant of this program; values are
/// bound between its pieces.
#[derive(Clone, Copy, Debug)]
pub struct Statement<Before> {
    before: Before,
    sql: &'static str,
}

/// A statement up to and with a value.
#[derive(Clone, Copy, Debug)]
pub struct Bound<Before, Type, Value> {
    before: Statement<Before>,
    value: Value,
    _type: PhantomData<Type>,
}

/// Nothing before the first piece.
#[derive(Clone, Copy, Debug)]
pub struct Start;

/// Begins a statement.
pub fn statement(sql: &'static str) -> Statement<Start> {
    Statement { before: Start, sql }
}

impl<Before> Statement<Before> {
    /// Goes on with a value.
    pub fn bind<Type, Value>(self, value: Value) -> Bound<Before, Type, Value> {
        Bound { before: self, value, _type: PhantomData }
    }
}

impl<Before, Type, Value> Bound<Before, Type, Value> {
    /// Goes on with more SQL; `""` where the value is the end.
    pub fn sql(self, sql: &'static str) -> Statement<Self> {
        Statement { before: self, sql }
    }
}

impl QueryFragment<Pg> for Start {
    fn walk_ast<'b>(&'b self, _: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        Ok(())
    }
}

impl<Before: QueryFragment<Pg>> QueryFragment<Pg> for Statement<Before> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.before.walk_ast(out.reborrow())?;
        out.push_sql(self.sql);
        Ok(())
    }
}

impl<Before, Type, Value> QueryFragment<Pg> for Bound<Before, Type, Value>
where
    Before: QueryFragment<Pg>,
    Pg: HasSqlType<Type>,
    Value: ToSql<Type, Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.before.walk_ast(out.reborrow())?;
        out.push_bind_param::<Type, _>(&self.value)
    }
}

/// Known by its text: the same text is prepared once.
impl<Before> QueryId for Statement<Before> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Before> Query for Statement<Before> {
    type SqlType = Untyped;
}

impl<Before, Conn> RunQueryDsl<Conn> for Statement<Before> {}
