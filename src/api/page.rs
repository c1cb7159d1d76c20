//! Lists of the API: `{items, nextCursor}`, 1 to 100 at a time.

use crate::error::{Error, Result};
use serde::Serialize;
use utoipa::ToSchema;

/// How many items without a `limit`.
const USUAL: usize = 50;
/// The most items at a time.
const MOST: usize = 100;

/// A page of items.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Items<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to send as `cursor` for the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// The `limit` of a call.
pub fn limit(text: Option<&str>) -> Result<usize> {
    match text {
        None => Ok(USUAL),
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=MOST).contains(limit))
            .ok_or_else(|| Error::field("limit", "limit is a number from 1 to 100.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_1_to_100() {
        assert_eq!(limit(None).unwrap(), 50);
        for (text, expected) in
            [("1", Some(1)), ("100", Some(100)), ("0", None), ("101", None), ("-1", None), ("x", None)]
        {
            assert_eq!(limit(Some(text)).ok(), expected, "{text}");
        }
    }
}
