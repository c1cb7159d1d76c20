//! What the tests stand on.

mod database;
pub mod process;
mod program;

pub use database::{Template, TestDb, data_folder};
pub use program::Program;
