//! Promotions (SPEC 8): what comes on top of prices, for whom and when, and which of them an order gets.

pub mod actions;
pub mod amounts;
pub mod api;
pub mod basket;
pub mod campaigns;
pub mod combining;
pub mod contradictions;
pub mod details;
pub mod eligibility;
pub mod forms;
pub mod listing;
pub mod pages;
pub mod promotion;
pub mod store;
pub mod targeting;
pub mod verdict;
pub mod window;

#[cfg(test)]
mod naive_model;
#[cfg(test)]
mod spec_examples;
