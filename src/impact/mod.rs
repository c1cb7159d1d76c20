//! What a change of settings or of the tree would do, before it is saved (SPEC 6): the same resolvers, asked about the book
//! as it is and about the book as it would be.

pub mod affected;
pub mod differences;
mod offers;
pub mod panel;
pub mod prices;
pub mod sight;
pub mod stands;
pub mod store;
pub mod touched;
