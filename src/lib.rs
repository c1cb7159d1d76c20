//! Clientele: an admin console for customer groups.
//!
//! One crate, by feature. The README maps it; a test reads the `use` lines and holds the map true.

pub mod audit;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod db;
pub mod error;
pub mod groups;
pub mod imports;
pub mod inheritance;
pub mod money;
#[rustfmt::skip]
#[allow(missing_docs)]
pub mod schema;
pub mod store_settings;
