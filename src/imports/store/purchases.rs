//! Purchases rolled up anew for the customers whose orders an import touches.

use super::{number, run};
use crate::error::Result;
use diesel::pg::PgConnection;

/// Below this many customers a rebuild of everything is never worth it.
const FEW: i64 = 2_000;

/// Recomputes the roll-ups of the customers in `import_touched`: theirs alone, or all, whichever is less work.
pub fn recompute(conn: &mut PgConnection) -> Result<()> {
    let touched = number(conn, "SELECT count(*) AS number FROM import_touched")?;
    if touched == 0 {
        return Ok(());
    }
    // Rebuilding reads every order once, without looking customers up; worth it where a good part of them is touched.
    let buyers = number(conn, "SELECT count(*) AS number FROM customer_purchases")?;
    if touched > FEW && touched * 4 > buyers {
        run(conn, "SELECT rebuild_purchases()")?;
    } else {
        run(conn, "SELECT recompute_purchases(array(SELECT customer_id FROM import_touched))")?;
    }
    Ok(())
}
