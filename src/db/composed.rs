//! SQL that is put together while the program runs: texts of this program, and values that are bound between them.
//!
//! It is planned anew at every call, with its values in sight: what fits a search or a group of three customers is the
//! worst for one of a million. What always looks the same is a [`super::statement`].

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Bool, Date, Text, Timestamptz, Untyped, Uuid as SqlUuid};
use uuid::Uuid;

#[derive(Clone, Debug)]
enum Piece {
    Sql(&'static str),
    Id(Uuid),
    Ids(Vec<Uuid>),
    Numbers(Vec<i64>),
    Text(String),
    Number(i64),
    Flag(bool),
    Day(NaiveDate),
    Instant(DateTime<Utc>),
}

/// A statement in pieces.
#[derive(Clone, Debug, Default)]
pub struct Composed(Vec<Piece>);

/// Begins a statement.
pub fn sql(text: &'static str) -> Composed {
    Composed::default().sql(text)
}

impl Composed {
    fn piece(mut self, piece: Piece) -> Self {
        self.0.push(piece);
        self
    }

    /// Goes on with SQL.
    pub fn sql(self, text: &'static str) -> Self {
        self.piece(Piece::Sql(text))
    }

    /// Goes on with an id.
    pub fn id(self, id: Uuid) -> Self {
        self.piece(Piece::Id(id))
    }

    /// An array of ids.
    pub fn ids(self, ids: impl Into<Vec<Uuid>>) -> Self {
        self.piece(Piece::Ids(ids.into()))
    }

    /// An array of numbers.
    pub fn numbers(self, numbers: Vec<i64>) -> Self {
        self.piece(Piece::Numbers(numbers))
    }

    /// Goes on with a text.
    pub fn text(self, text: impl Into<String>) -> Self {
        self.piece(Piece::Text(text.into()))
    }

    /// Goes on with a number.
    pub fn number(self, number: i64) -> Self {
        self.piece(Piece::Number(number))
    }

    /// Goes on with yes or no.
    pub fn flag(self, flag: bool) -> Self {
        self.piece(Piece::Flag(flag))
    }

    /// Goes on with a day.
    pub fn day(self, day: NaiveDate) -> Self {
        self.piece(Piece::Day(day))
    }

    /// Goes on with an instant.
    pub fn instant(self, at: DateTime<Utc>) -> Self {
        self.piece(Piece::Instant(at))
    }

    /// Goes on with another statement's pieces.
    pub fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

impl QueryFragment<Pg> for Composed {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        for piece in &self.0 {
            match piece {
                Piece::Sql(text) => out.push_sql(text),
                Piece::Id(id) => out.push_bind_param::<SqlUuid, _>(id)?,
                Piece::Ids(ids) => out.push_bind_param::<Array<SqlUuid>, _>(ids)?,
                Piece::Numbers(numbers) => out.push_bind_param::<Array<BigInt>, _>(numbers)?,
                Piece::Text(text) => out.push_bind_param::<Text, _>(text)?,
                Piece::Number(number) => out.push_bind_param::<BigInt, _>(number)?,
                Piece::Flag(flag) => out.push_bind_param::<Bool, _>(flag)?,
                Piece::Day(day) => out.push_bind_param::<Date, _>(day)?,
                Piece::Instant(at) => out.push_bind_param::<Timestamptz, _>(at)?,
            }
        }
        Ok(())
    }
}

impl QueryId for Composed {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Composed {
    type SqlType = Untyped;
}

impl<Conn> RunQueryDsl<Conn> for Composed {}
