//! Writing rules and running them. Whoever runs a rule locks, in this order: its schedule, the store's totals (by
//! beginning a change of members), the group, the customers.

mod body;
mod changed;
mod due;
mod held;
mod running;
mod saving;

pub use body::{hold, rule_of_body};
pub use changed::{MOST_AT_ONCE, catch_up, customers_changed, expect_changes, note_changes};
pub use due::{DueRun, expect_zone, run_due};
pub use held::{Approval, approve, discard};
pub use running::run_now;
pub use saving::{Expected, save};
