//! The demo shop (SPEC 16): made by the program itself, the same for the same moment, every figure computed from rows.
//!
//! [`shop`] holds the whole of it in memory, [`store`] copies it in, [`actions::load`] does both in one transaction.

mod actions;
mod baskets;
mod calendar;
mod cast;
mod catalogue;
mod chance;
mod charge;
mod customers;
mod groups;
mod habits;
mod marketing;
mod memberships;
mod names;
mod orders;
mod organizations;
mod payments;
mod people;
mod places;
mod price_lists;
mod returns;
mod roster;
mod rules;
mod settings;
mod shelves;
mod shop;
mod stays;
mod stock;
mod store;
mod traits;
mod wares;
mod words;

pub use actions::{DemoOptions, Loaded, Outcome, Step, load, refuse_unless_empty, sign_ins};
