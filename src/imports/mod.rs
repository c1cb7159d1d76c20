//! Data coming in: CSV files of every kind, checked row by row and merged as a set (SPEC 11).
//!
//! A row's way: [`source`] → [`records`] → [`mapping`] → [`rows`] (with [`values`] and [`instants`]) → [`copy`] →
//! staging → checks → merge ([`store`]). [`actions::import`] runs it, [`report`] tells what came of it.

pub mod actions;
pub mod copy;
pub mod countries;
pub mod errors_file;
pub mod instants;
pub mod intake;
pub mod kind;
pub mod mapping;
pub mod problem;
pub mod records;
pub mod report;
pub mod row;
pub mod rows;
pub mod source;
pub mod store;
pub mod values;
