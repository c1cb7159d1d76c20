//! What groups pay: price lists and their assignment to groups, and the price of a product with its reasons (SPEC 6, 7).

pub mod actions;
mod ancestry;
pub mod api;
pub mod asking;
pub mod discount;
pub mod facts;
pub mod findings;
pub mod pages;
pub mod priority;
pub mod resolve;
pub mod store;
pub mod trace;
pub mod usage;

#[cfg(test)]
mod naive_model;
#[cfg(test)]
mod spec_examples;
