//! Automatic assignment rules (SPEC 5): the rule as a tree, what it says about one customer and about all of them, and
//! the runs that make it true.

pub mod actions;
pub mod api;
pub mod condition;
pub mod draft;
pub mod drawn;
pub mod facts;
pub mod field;
pub mod forms;
mod operands;
pub mod pages;
pub mod parse;
pub mod rule;
pub mod run;
pub mod sentence;
pub mod store;
