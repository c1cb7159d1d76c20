//! Clientele: an admin console for customer groups.
//!
//! One crate, by feature. `docs/architecture.md` maps it; `tests/it/structure.rs` holds the map true.

pub mod clock;
pub mod db;
pub mod error;
pub mod imports;
pub mod money;
#[rustfmt::skip]
#[allow(missing_docs)]
pub mod schema;
