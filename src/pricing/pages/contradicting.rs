//! Promotions and segments whose targets contradict each other, as conflicts.

use super::conflicts::{Row, summary};
use crate::db::keyset::{self, Page, Place};
use crate::error::Result;
use crate::inheritance::book::Book;
use crate::promotions::contradictions::{Contradiction, contradiction};
use crate::promotions::store::targets::{Targeted, peopled, targeted};
use crate::web::query::{Pager, Query};
use chrono::NaiveDate;
use diesel::PgConnection;
use uuid::Uuid;

/// Promotions and segments that a page looks at.
const TARGETED: usize = 500;

/// Promotions and segments whose targets contradict each other, among the next [`TARGETED`].
pub(super) fn page(conn: &mut PgConnection, book: &Book, query: &Query, today: NaiveDate) -> Result<(Vec<Row>, Pager)> {
    let place = Place::<(String, Uuid)>::of(query.get("after"), "");
    let looked = targeted(conn, today, place.key(), keyset::one_more(TARGETED))?;
    let peopled = peopled(conn)?;
    let page = Page::of(looked, &place, TARGETED);
    let next = page.rows.last().filter(|_| page.after).map(|row| keyset::encode(&(&row.sort, row.id)));
    let rows: Vec<Row> = page
        .rows
        .iter()
        .filter_map(|one| {
            let found = contradiction(book, &peopled, &one.meant, &one.not_meant)?;
            Some(contradicting(book, one, found))
        })
        .collect();
    let mut told = summary(rows.len());
    if next.is_some() {
        told = format!("{told}, of {} promotions and segments looked at", page.rows.len());
    }
    let pager = Pager { summary: told, previous: None, next: next.map(|next| query.after(&next)) };
    Ok((rows, pager))
}

fn contradicting(book: &Book, one: &Targeted, found: Contradiction) -> Row {
    let name = |id: Uuid| book.level(id).map(|level| level.name.clone()).unwrap_or_default();
    let (what, path) = match one.is_segment {
        true => ("segment", format!("/segments/{}", one.id)),
        false => ("promotion", format!("/promotions/{}", one.id)),
    };
    let mut cause = match found {
        Contradiction::InNotMeant { target, not_in } if target == not_in => {
            format!("{} is both meant and not meant: nobody there is reached.", name(target))
        }
        Contradiction::InNotMeant { target, not_in } => format!(
            "It is for {}, which stands in {}, for which it is not: nobody there is reached.",
            name(target),
            name(not_in)
        ),
        Contradiction::NoneCounts => "All groups that it is for are inactive or deleted: it reaches nobody.".to_owned(),
        Contradiction::Nobody => "Nobody is in the groups that it is for: it reaches nobody.".to_owned(),
    };
    if !one.campaigns.is_empty() {
        cause = format!("{cause} Campaigns for this segment: {}.", one.campaigns);
    }
    let mend = if one.is_segment { "Change the segment" } else { "Change the promotion" };
    Row { what: format!("{} ({what})", one.name), mend: (mend, format!("{path}/edit")), path, cause }
}
