//! Which products a customer sees, and why (SPEC 6).

pub mod sees;
pub mod sight;
pub mod store;
