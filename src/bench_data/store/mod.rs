//! Writing the bench shop.

mod set_aside;
mod tables;
mod totals;

pub use set_aside::{Aside, put_back, take_away, triggers_on};
pub use tables::{write_customers, write_entries, write_lines, write_memberships, write_orders, write_small};
pub use totals::{check, count, note, prepare, roll_up, settle};
