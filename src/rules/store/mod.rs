//! Rules in the database: compiled to SQL over the roll-ups, with every value bound.

pub mod compile;
pub mod facts;
pub mod sql;
