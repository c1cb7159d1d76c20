//! Rules in the database: compiled to SQL over the roll-ups, with every value bound.

pub mod changes;
pub mod compile;
pub mod difference;
pub mod facts;
pub mod rules;
pub mod runs;
pub mod schedule;
pub mod sql;
