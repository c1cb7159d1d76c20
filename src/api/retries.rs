//! `Idempotency-Key` (SPEC 13, docs/adr/0019): a POST with a key is done once in 24 hours, however often it is sent.

use super::reply::Reply;
use crate::error::{Error, Result};
use crate::schema::idempotency_keys as keys;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How long a key is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// How many expired keys a call sweeps up.
const SWEPT: i64 = 100;
/// The most characters of a key.
const LONGEST: usize = 200;

/// The SHA-256 of a call's body, which its reader leaves for its key.
#[derive(Clone, Debug)]
pub struct BodyDigest(pub Vec<u8>);

/// The key of a call, with what the call is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    text: String,
    fingerprint: Vec<u8>,
}

impl Key {
    /// The key in a header of the call at this address with this body.
    ///
    /// # Errors
    /// A key that is empty, too long, or holds anything but visible ASCII.
    pub fn of(header: &str, address: &str, body: Option<&BodyDigest>) -> Result<Self> {
        let visible = header.bytes().all(|byte| byte.is_ascii_graphic());
        if header.is_empty() || header.len() > LONGEST || !visible {
            let told = "Idempotency-Key is 1 to 200 visible ASCII characters, such as a UUID.";
            return Err(Error::Malformed(told.into()));
        }
        let mut fingerprint = Sha256::new();
        fingerprint.update(address.as_bytes());
        fingerprint.update([0]);
        fingerprint.update(body.map_or(&[][..], |digest| &digest.0));
        Ok(Self { text: header.to_owned(), fingerprint: fingerprint.finalize().to_vec() })
    }
}

/// What the call with this key answered, where it was made before. Whoever makes the same call at the same time waits
/// here until this transaction ends; it must be the first thing in it that locks.
///
/// # Errors
/// The key of another call (422).
pub fn answered(conn: &mut PgConnection, token: Uuid, key: &Key, now: DateTime<Utc>) -> Result<Option<Reply>> {
    // Two calls whose keys collide merely wait for each other.
    diesel::sql_query("SELECT pg_advisory_xact_lock(7300017, hashtext($1))")
        .bind::<Text, _>(format!("{token} {}", key.text))
        .execute(conn)?;
    type Row = (Vec<u8>, i16, Option<String>, Option<String>, String);
    let found: Option<Row> = keys::table
        .find((token, &key.text))
        .filter(keys::made_at.gt(now - KEPT))
        .select((keys::fingerprint, keys::status, keys::location, keys::etag, keys::body))
        .first(conn)
        .optional()?;
    let Some((fingerprint, status, location, etag, body)) = found else { return Ok(None) };
    if fingerprint != key.fingerprint {
        let told = "This key was used for another call in the last 24 hours. Send a new key with a new call.";
        return Err(Error::field("Idempotency-Key", told));
    }
    Ok(Some(Reply { status: u16::try_from(status).unwrap_or(200), location, etag, body }))
}

/// Keeps what the call with this key answers, and sweeps up some keys that have expired.
///
/// # Errors
/// Where the database can't be written.
pub fn keep(conn: &mut PgConnection, token: Uuid, key: &Key, reply: &Reply, now: DateTime<Utc>) -> Result<()> {
    let kept = (
        keys::fingerprint.eq(&key.fingerprint),
        keys::status.eq(i16::try_from(reply.status).unwrap_or(200)),
        keys::location.eq(reply.location.as_deref()),
        keys::etag.eq(reply.etag.as_deref()),
        keys::body.eq(&reply.body),
        keys::made_at.eq(now),
    );
    diesel::insert_into(keys::table)
        .values((keys::token_id.eq(token), keys::key.eq(&key.text), kept))
        .on_conflict((keys::token_id, keys::key))
        .do_update()
        .set(kept)
        .execute(conn)?;
    sweep(conn, now)
}

fn sweep(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    use diesel::sql_types::{BigInt, Timestamptz};
    diesel::sql_query(
        "DELETE FROM idempotency_keys WHERE (token_id, key) IN (
             SELECT token_id, key FROM idempotency_keys WHERE made_at <= $1 ORDER BY made_at LIMIT $2
             FOR UPDATE SKIP LOCKED)",
    )
    .bind::<Timestamptz, _>(now - KEPT)
    .bind::<BigInt, _>(SWEPT)
    .execute(conn)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_short_and_visible_and_of_one_call() {
        let digest = |body: &str| BodyDigest(Sha256::digest(body).to_vec());
        for (header, good) in [
            ("a", true),
            (&"x".repeat(200), true),
            ("", false),
            (&"x".repeat(201), false),
            ("a b", false),
            ("ä", false),
        ] {
            assert_eq!(Key::of(header, "/a", None).is_ok(), good, "{header}");
        }
        let key = |address: &str, body: &str| Key::of("k", address, Some(&digest(body))).unwrap();
        assert_eq!(key("/a", "1"), key("/a", "1"));
        assert_ne!(key("/a", "1"), key("/a", "2"));
        assert_ne!(key("/a", "1"), key("/b", "1"));
    }
}
