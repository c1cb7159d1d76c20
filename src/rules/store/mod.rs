//! Rules in the database: compiled to SQL over the roll-ups, with every value bound.

pub mod changes;
pub mod compile;
pub mod difference;
mod expression;
pub mod facts;
pub mod nearest;
pub mod people;
pub mod preview;
pub mod rules;
pub mod runs;
pub mod schedule;
pub mod sql;
