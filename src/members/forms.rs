//! Which customers a form means, and what shall become of them.

use super::choice::Mode;
use super::listing::Filter;
use super::selection::Selection;
use crate::error::FieldError;
use crate::web::forms::FormState;
use crate::web::query::Query;
use uuid::Uuid;

/// The list that a form was sent from: its search, filters, order and page.
pub fn list_of(path: String, form: &FormState) -> Query {
    Query::new(path, form.value("list"))
}

/// The customers that are meant: those that were ticked, or all that match the list's filters.
pub fn selection(form: &FormState, filter: Filter) -> Result<Selection, Vec<FieldError>> {
    if let Some(seen) = form.filled("all") {
        let unread =
            |()| vec![FieldError::new("id", "Select all that match again: the page doesn't say how many there were.")];
        return Ok(Selection::Matching(filter, seen.parse().map_err(unread)?));
    }
    let ids: Result<Vec<Uuid>, _> = form.values("id").map(Uuid::try_parse).collect();
    match ids {
        Ok(ids) if !ids.is_empty() => Ok(Selection::ids(ids)),
        Ok(_) => Err(vec![FieldError::new("id", "Select at least one customer.")]),
        Err(_) => Err(vec![FieldError::new("id", "Select the customers again: one of them can't be read.")]),
    }
}

/// How they are added.
pub fn mode(form: &FormState) -> Result<Mode, Vec<FieldError>> {
    Mode::from_name(form.value("mode")).ok_or_else(|| vec![FieldError::new("mode", "Choose how to add the customers.")])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::selection::Seen;

    fn form(body: &str) -> FormState {
        serde_urlencoded::from_str(body).unwrap()
    }

    #[test]
    fn a_form_means_those_who_were_ticked_or_all_that_match() {
        let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
        let filter = Filter { text: "acme".into(), ..Filter::default() };
        let of = |body: &str| selection(&form(body), filter.clone());
        assert_eq!(of(&format!("id={one}&id={other}&id={one}")), Ok(Selection::Ids(vec![one, other])));
        let seen = Seen { count: 5, sum: -7 };
        assert_eq!(of(&format!("all={seen}&id={one}")), Ok(Selection::Matching(filter.clone(), seen)));
        for (body, part) in [("", "at least one"), ("id=x", "again"), ("all=5", "how many")] {
            let errors = of(body).unwrap_err();
            assert!(errors[0].field == "id" && errors[0].message.contains(part), "{errors:?}");
        }
    }

    #[test]
    fn a_mode_must_be_chosen() {
        assert_eq!(mode(&form("mode=move")), Ok(Mode::Move));
        assert_eq!(mode(&form("mode=")).unwrap_err()[0].field, "mode");
    }
}
