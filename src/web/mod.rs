//! The console's frame: what every page stands in, is sent by and is answered with.

pub mod assets;
pub mod compress;
pub mod csv;
pub mod errors;
pub mod find;
pub mod format;
pub mod forms;
pub mod htmx;
pub mod operations;
pub mod query;
pub mod requests;
pub mod respond;
pub mod security;
pub mod shell;
mod spool;
pub mod theme;
pub mod workbook;

#[cfg(test)]
mod gallery;
