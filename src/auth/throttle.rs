//! Throttled sign-in: a few tries per account and per address, the same for accounts that don't exist.

use crate::error::{Error, Result};
use crate::schema::sign_in_failures;
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How long a failed attempt counts.
const WINDOW_MINUTES: i64 = 15;
const PER_ACCOUNT: i64 = 5;
const PER_ADDRESS: i64 = 50;

/// Who an attempt is counted under: the account that was tried and the address it came from.
#[derive(Clone, Debug)]
pub struct Subjects {
    account: Vec<u8>,
    address: Vec<u8>,
}

impl Subjects {
    /// Hashes both: the table tells nobody which addresses were tried.
    pub fn new(email: &str, address: &str) -> Self {
        let digest = |kind: &str, text: &str| Sha256::digest(format!("{kind}:{text}").as_bytes()).to_vec();
        Self { account: digest("account", &email.trim().to_lowercase()), address: digest("address", address) }
    }
}

/// Counts an attempt before its password is looked at, so that many at once don't slip through.
/// Refuses with [`Error::TooMany`] where the account or the address had too many.
pub fn count_attempt(conn: &mut PgConnection, subjects: &Subjects, now: DateTime<Utc>) -> Result<()> {
    let since = now - Duration::minutes(WINDOW_MINUTES);
    // One attempt after the other, per account and per address: who counts sees all that came before.
    for subject in [&subjects.account, &subjects.address] {
        let lock = i64::from_be_bytes(subject[..8].try_into().map_err(Error::internal)?);
        diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(lock).execute(conn)?;
    }
    for (subject, most) in [(&subjects.account, PER_ACCOUNT), (&subjects.address, PER_ADDRESS)] {
        let recent: Vec<DateTime<Utc>> = sign_in_failures::table
            .filter(sign_in_failures::subject.eq(subject))
            .filter(sign_in_failures::at.gt(since))
            .select(sign_in_failures::at)
            .order(sign_in_failures::at.desc())
            .limit(most)
            .load(conn)?;
        if i64::try_from(recent.len()).unwrap_or(most) >= most {
            let frees = recent.last().map_or(now, |at| *at + Duration::minutes(WINDOW_MINUTES));
            let seconds = u64::try_from((frees - now).num_seconds()).unwrap_or(0).max(1);
            return Err(Error::TooMany { retry_after: seconds });
        }
    }
    for subject in [&subjects.account, &subjects.address] {
        diesel::insert_into(sign_in_failures::table)
            .values((
                sign_in_failures::id.eq(Uuid::now_v7()),
                sign_in_failures::subject.eq(subject),
                sign_in_failures::at.eq(now),
            ))
            .execute(conn)?;
    }
    // What no longer counts goes; what another attempt is just removing is left to it.
    diesel::sql_query(
        "DELETE FROM sign_in_failures WHERE id IN \
         (SELECT id FROM sign_in_failures WHERE at <= $1 LIMIT 1000 FOR UPDATE SKIP LOCKED)",
    )
    .bind::<Timestamptz, _>(since)
    .execute(conn)?;
    Ok(())
}

/// A sign-in that succeeded: the account starts anew, and this attempt no longer counts for the address.
pub fn forget(conn: &mut PgConnection, subjects: &Subjects) -> Result<()> {
    diesel::delete(sign_in_failures::table.filter(sign_in_failures::subject.eq(&subjects.account))).execute(conn)?;
    let last = sign_in_failures::table
        .filter(sign_in_failures::subject.eq(&subjects.address))
        .select(sign_in_failures::id)
        .order((sign_in_failures::at.desc(), sign_in_failures::id.desc()))
        .first::<Uuid>(conn)
        .optional()?;
    if let Some(id) = last {
        diesel::delete(sign_in_failures::table.find(id)).execute(conn)?;
    }
    Ok(())
}
