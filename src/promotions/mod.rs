//! Promotions (SPEC 8): what comes on top of prices, for whom and when, and which of them an order gets.

pub mod amounts;
pub mod campaigns;
pub mod combining;
pub mod eligibility;
pub mod promotion;
pub mod targeting;
pub mod verdict;
pub mod window;

#[cfg(test)]
mod naive_model;
#[cfg(test)]
mod spec_examples;
