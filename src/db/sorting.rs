//! The order of a list that is sorted by one expression, as SQL: ties go by id, and both turn together.

use super::keyset::Place;
use uuid::Uuid;

/// How a list is sorted and where its page begins. The texts are constants of this program.
#[derive(Clone, Copy, Debug)]
pub struct Sorting<'a> {
    /// The expression that rows are sorted by; never null.
    pub by: &'static str,
    /// Its type: `text` or `bigint`.
    pub kind: &'static str,
    /// The column that tells rows apart which are otherwise alike.
    pub id: &'static str,
    /// The greatest first.
    pub descending: bool,
    /// Where the page begins, by the expression as text and the id.
    pub place: &'a Place<(String, Uuid)>,
}

impl Sorting<'_> {
    /// What [`Sorting::after`] compares with, bound as `$1` (nullable text) and `$2` (nullable UUID). A key that isn't of
    /// the expression's type is none: an old bookmark shows the list from its beginning.
    pub fn key(&self) -> (Option<String>, Option<Uuid>) {
        match self.place.key() {
            Some((key, _)) if self.kind == "bigint" && key.parse::<i64>().is_err() => (None, None),
            Some((key, id)) => (Some(key.clone()), Some(*id)),
            None => (None, None),
        }
    }

    /// The condition on rows that come after the key.
    pub fn after(&self) -> String {
        let Self { by, kind, id, .. } = self;
        let than = if self.turned() { "<" } else { ">" };
        format!("($1::text IS NULL OR ({by}, {id}) {than} ($1::text::{kind}, $2::uuid))")
    }

    /// The ORDER BY. Pages before a key are fetched from their end.
    pub fn order(&self) -> String {
        let way = if self.turned() { "DESC" } else { "ASC" };
        format!("ORDER BY {} {way}, {} {way}", self.by, self.id)
    }

    fn turned(&self) -> bool {
        self.descending != self.place.is_backwards()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_go_on_in_the_lists_direction() {
        let key = || ("7".to_owned(), Uuid::nil());
        for (descending, place, after, order) in [
            (false, Place::Start, "> ", "ASC"),
            (false, Place::After(key()), "> ", "ASC"),
            (false, Place::Before(key()), "< ", "DESC"),
            (true, Place::After(key()), "< ", "DESC"),
            (true, Place::Before(key()), "> ", "ASC"),
        ] {
            let sorting = Sorting { by: "n", kind: "bigint", id: "id", descending, place: &place };
            assert!(sorting.after().contains(&format!("(n, id) {after}($1::text::bigint, $2::uuid)")), "{place:?}");
            assert_eq!(sorting.order(), format!("ORDER BY n {order}, id {order}"), "{place:?}");
            assert_eq!(sorting.key().0.is_some(), place.key().is_some());
        }
    }

    #[test]
    fn a_key_of_another_type_is_none() {
        let place = Place::After(("many".to_owned(), Uuid::nil()));
        let by = |kind| Sorting { by: "n", kind, id: "id", descending: false, place: &place }.key().0;
        assert_eq!((by("bigint"), by("text")), (None, Some("many".to_owned())));
    }
}
