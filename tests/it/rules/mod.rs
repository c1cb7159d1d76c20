//! Automatic assignment rules (SPEC 5).

mod agreement;
mod people;
