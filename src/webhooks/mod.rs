//! Webhooks: other systems that are told of changes by signed requests, what was sent to them, and what couldn't be
//! (docs/webhooks.md).

pub mod actions;
pub mod address;
pub mod api;
pub mod delivery;
pub mod endpoint;
pub mod forms;
pub mod pages;
pub mod retries;
pub mod sending;
pub mod signature;
pub mod store;
pub mod worker;
