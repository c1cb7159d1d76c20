//! What the tests stand on.

mod database;

pub use database::{Template, TestDb};
