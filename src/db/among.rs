//! `column = ANY (values)` whose values the planner can't see. With them in sight, a plan for the few that a call has is
//! thought cheaper than the kept one for ten, so that one is made anew at every call: more work than the question itself.

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, Bool, HasSqlType, SingleValue};

/// A column that is one of some values.
#[derive(Clone, Copy, Debug)]
pub struct Among<Column, Values> {
    column: Column,
    values: Values,
}

/// Whether `column` is one of `values`; for what is asked so often that its plan should be kept.
pub fn among<Column: Expression, Values>(column: Column, values: Values) -> Among<Column, Values> {
    Among { column, values }
}

impl<Column: Expression, Values> Expression for Among<Column, Values> {
    type SqlType = Bool;
}

impl<Column: AppearsOnTable<From>, Values, From> AppearsOnTable<From> for Among<Column, Values> {}

impl<Column: SelectableExpression<From>, Values, From> SelectableExpression<From> for Among<Column, Values> {}

impl<Column, Values> ValidGrouping<()> for Among<Column, Values> {
    type IsAggregate = is_aggregate::No;
}

impl<Column: QueryId, Values> QueryId for Among<Column, Values> {
    type QueryId = Among<Column::QueryId, ()>;

    const HAS_STATIC_QUERY_ID: bool = Column::HAS_STATIC_QUERY_ID;
}

impl<Column, Values> QueryFragment<Pg> for Among<Column, Values>
where
    Column: QueryFragment<Pg> + Expression,
    Column::SqlType: SingleValue,
    Pg: HasSqlType<Array<Column::SqlType>>,
    Values: ToSql<Array<Column::SqlType>, Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        // Without a function around it, the query would be what the column is compared with.
        out.push_sql(" = ANY (COALESCE((SELECT ");
        out.push_bind_param::<Array<Column::SqlType>, _>(&self.values)?;
        out.push_sql(")))");
        Ok(())
    }
}
