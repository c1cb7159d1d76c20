//! Customers: the list, a customer's page and its own fields, and the groups that it is in (SPEC 1, 4, 6).

pub mod actions;
pub mod api;
pub mod country;
pub mod customer;
pub mod forms;
pub mod grouping;
pub mod listing;
pub mod pages;
pub mod store;
