//! Writing the demo shop: one COPY per table.

mod catalogue;
mod customers;
mod groups;
mod holdings;
mod marketing;
mod matches;
mod orders;
mod people;

pub use catalogue::{write_price_lists, write_products, write_visibility_groups};
pub use customers::{write_customers, write_memberships, write_organizations};
pub use groups::{write_group_pricing, write_group_terms, write_group_visibility, write_groups};
pub use holdings::{Holding, hold_alone, holdings};
pub use marketing::write_marketing;
pub use matches::{matches, write_schedules};
pub use orders::{rebuild_purchases, write_order_lines, write_orders};
pub use people::{write_audit, write_people, write_store_settings};

/// Copies rows, each given as a tuple of columns, into a table in one statement.
macro_rules! copy_into {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let rows: Vec<_> = $rows.collect();
        diesel::copy_from($table).from_insertable(rows).execute($conn)?
    }};
}
use copy_into;
