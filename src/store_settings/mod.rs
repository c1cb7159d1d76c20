//! The store: its currency, time zone, default group and flat shipping fee (SPEC 1).

pub mod actions;
pub mod pages;
pub mod settings;
pub mod store;
