//! Automatic assignment rules (SPEC 5).

mod agreement;
mod changes;
mod people;
mod runs;
