//! Signing in.

use crate::bench::{Bench, Stage, latencies};
use crate::floors::{self, Outcome};
use crate::table::Line;
use crate::timing;
use diesel::PgConnection;
use uuid::Uuid;

/// A sign-in over and over, and what of it is the look at the password, which is slow by design.
pub fn measure(bench: &mut Bench, stage: &mut Stage<'_>) -> Outcome<()> {
    let key = |_: &mut PgConnection| Uuid::now_v7().as_bytes().to_vec();
    let email = stage.visitor.email;
    let floor = |conn: &mut PgConnection| {
        let key = key(conn);
        floors::sign_in(conn, email, &key)
    };
    let (ours, floor) = bench.runs(
        |lasting| timing::requests(&stage.browser.sign_in, 1, lasting),
        |lasting| timing::queries(stage.url, 1, lasting, &floor),
    )?;
    let hash = clientele::auth::password::hash(&stage.visitor.password)?;
    let start = std::time::Instant::now();
    for _ in 0..10 {
        if !clientele::auth::password::verify(&stage.visitor.password, Some(&hash)) {
            return Err("a password is not known again".into());
        }
    }
    let slow = start.elapsed().as_secs_f64() * 100.0;
    bench.add(Line { scenario: format!("sign-in (argon2 alone takes {slow:.1} ms)"), ..latencies(&ours, &floor) });
    Ok(())
}
