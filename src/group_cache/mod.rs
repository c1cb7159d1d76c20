//! Groups with what holds for them, kept in Redis for an hour (SPEC 14, docs/adr/0023). What is kept is only believed
//! after the database was asked, in the statement that looks up the caller's token, whether it still holds: removing it
//! when something changes keeps Redis tidy, but nothing depends on it.

pub mod api;
pub mod kept;
pub mod store;
pub mod sweeping;
pub mod value;
