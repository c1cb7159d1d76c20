//! The bench shop (`clientele bench-data`): as large as the limits of SPEC 15 are measured at, the same for the same
//! sizes, skewed as life is. It is for measuring and for nothing else: nobody can sign in.
//!
//! Rows are drawn one by one and streamed through COPY, so that any size fits into memory; [`store`] takes indexes away
//! before and makes them afterwards.

mod actions;
mod calendar;
mod catalogue;
mod customers;
mod draw;
mod groups;
mod orders;
mod rows;
mod shares;
mod shop;
mod sizes;
mod store;
mod words;

pub use actions::{Progress, load};
pub use sizes::Sizes;
