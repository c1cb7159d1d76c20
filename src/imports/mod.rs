//! Data coming in: CSV files of every kind, checked row by row and merged as a set (SPEC 11).
//!
//! A row's way: [`source`] → [`records`] → [`mapping`] → [`rows`] (with [`values`] and [`instants`]) → [`copy`] →
//! staging → checks → merge ([`store`]). [`actions::import`] runs it, [`report`] tells what came of it.
//!
//! What comes by the console or the API is a [`task`]: kept with its file, done by [`actions::worker`].

pub mod actions;
pub mod api;
pub mod copy;
pub mod countries;
pub mod errors_file;
pub mod instants;
pub mod intake;
pub mod kept;
pub mod kind;
pub mod mapping;
pub mod pages;
pub mod peek;
pub mod problem;
pub mod recognize;
pub mod records;
pub mod report;
pub mod row;
pub mod rows;
pub mod shopify;
pub mod source;
pub mod store;
pub mod task;
pub mod upload;
pub mod values;
