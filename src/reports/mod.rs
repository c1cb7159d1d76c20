//! Reports (SPEC 10): how groups perform, side by side and all at once, out of the purchases that are rolled up.

pub mod actions;
pub mod api;
pub mod chart;
pub mod comparison;
pub mod economics;
pub mod forms;
pub mod frame;
pub mod metrics;
pub mod pages;
pub mod people;
pub mod period;
pub mod portfolio;
pub mod report;
pub mod review;
pub mod store;
pub mod tables;
