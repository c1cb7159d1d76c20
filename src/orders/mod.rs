//! Orders that shops send (SPEC 13), each with what would have priced it at that moment.

pub mod actions;
pub mod api;
pub mod sent;
pub mod snapshot;
pub mod store;
