//! Automatic assignment rules (SPEC 5).

mod agreement;
mod api;
mod changes;
mod http;
mod people;
mod runs;
