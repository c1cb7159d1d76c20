//! Data coming in: CSV files of every kind, checked row by row and merged as a set (SPEC 11).

pub mod copy;
pub mod countries;
pub mod instants;
pub mod kind;
pub mod mapping;
pub mod problem;
pub mod records;
pub mod row;
pub mod rows;
pub mod values;
