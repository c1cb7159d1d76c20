//! The forms of a visibility group and of its products.

use super::set::{Chosen, Details};
use crate::error::FieldError;
use crate::products::listing::searched;
use crate::web::forms::FormState;
use uuid::Uuid;

/// The fields of the form with their labels.
pub const FIELDS: [(&str, &str); 2] = [("name", "Name"), ("description", "Description")];

/// Reads the form; the actions check what it says.
pub fn parse(form: &FormState) -> Details {
    Details { name: form.value("name").to_owned(), description: form.value("description").to_owned() }
}

/// A form filled with a visibility group's fields.
pub fn fill(details: &Details) -> FormState {
    FormState::new().with("name", &details.name).with("description", &details.description)
}

/// Which products a form of ticked rows is about: those that are ticked, or with `all` all that match its search.
pub fn chosen(form: &FormState) -> Result<Chosen, Vec<FieldError>> {
    if form.has("all") {
        let count = form.value("count").parse();
        let count =
            count.map_err(|_| vec![FieldError::new("", "Search again: the form doesn't say how many match.")])?;
        let category = Some(searched(form.value("category"))).filter(|category| !category.is_empty());
        return Ok(Chosen::Matching { text: searched(form.value("q")), category, count });
    }
    let ids: Vec<Uuid> = form.values("product").filter_map(|id| Uuid::try_parse(id).ok()).collect();
    if ids.is_empty() {
        return Err(vec![FieldError::new("", "Tick at least one product.")]);
    }
    Ok(Chosen::Some(ids))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_ticked_or_match_a_search() {
        let of = |body: &str| chosen(&serde_urlencoded::from_str(body).unwrap());
        let id = Uuid::nil();
        assert_eq!(of(&format!("product={id}&product=x&q=a")), Ok(Chosen::Some(vec![id])));
        let all = Chosen::Matching { text: "lamp".into(), category: Some("Home".into()), count: 12 };
        assert_eq!(of("all=1&q=+lamp&category=Home&count=12"), Ok(all));
        assert!(of("q=a").is_err() && of("all=1&count=many").is_err());
        let details = Details { name: "A".into(), description: "B".into() };
        assert_eq!(parse(&fill(&details)), details);
    }
}
