//! The product form: from what was typed to [`Typed`], and back; and forms in which many products are ticked.

use super::choosing::{Chosen, Search};
use super::listing::searched;
use super::product::Typed;
use crate::error::FieldError;
use crate::web::forms::FormState;
use uuid::Uuid;

/// The fields of the form with their labels.
pub const FIELDS: [(&str, &str); 7] = [
    ("sku", "SKU"),
    ("name", "Name"),
    ("category", "Category"),
    ("base_price", "Base price"),
    ("cost", "Cost"),
    ("currency", "Currency"),
    ("status", "Status"),
];

/// Reads the form; the actions check what it says.
pub fn parse(form: &FormState) -> Typed {
    let value = |name: &str| form.value(name).to_owned();
    Typed {
        sku: value("sku"),
        name: value("name"),
        category: value("category"),
        base_price: value("base_price"),
        cost: value("cost"),
        currency: value("currency"),
        status: value("status"),
    }
}

/// A form filled with a product's fields.
pub fn fill(typed: &Typed) -> FormState {
    FormState::new()
        .with("sku", &typed.sku)
        .with("name", &typed.name)
        .with("category", &typed.category)
        .with("base_price", &typed.base_price)
        .with("cost", &typed.cost)
        .with("currency", &typed.currency)
        .with("status", &typed.status)
}

/// Which products a form of ticked rows is about: those that are ticked, or with `all` all that match its search.
pub fn chosen(form: &FormState) -> Result<Chosen, Vec<FieldError>> {
    if form.has("all") {
        let count = form.value("count").parse();
        let count =
            count.map_err(|_| vec![FieldError::new("", "Search again: the form doesn't say how many match.")])?;
        return Ok(Chosen::Matching { search: search(|name| form.value(name)), count });
    }
    let ids: Vec<Uuid> = form.values("product").filter_map(|id| Uuid::try_parse(id).ok()).collect();
    if ids.is_empty() {
        return Err(vec![FieldError::new("", "Tick at least one product.")]);
    }
    Ok(Chosen::Some(ids))
}

/// The search that an address or a form says, by the names of its fields.
pub fn search<'a>(value: impl Fn(&'a str) -> &'a str) -> Search {
    let category = Some(searched(value("category"))).filter(|category| !category.is_empty());
    Search { text: searched(value("q")), category }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_ticked_or_match_a_search() {
        let of = |body: &str| chosen(&serde_urlencoded::from_str(body).unwrap());
        let id = Uuid::nil();
        assert_eq!(of(&format!("product={id}&product=x&q=a")), Ok(Chosen::Some(vec![id])));
        let search = Search { text: "lamp".into(), category: Some("Home".into()) };
        assert_eq!(of("all=1&q=+lamp&category=Home&count=12"), Ok(Chosen::Matching { search, count: 12 }));
        assert!(of("q=a").is_err() && of("all=1&count=many").is_err());
    }

    #[test]
    fn a_form_holds_every_field() {
        let form: FormState = serde_urlencoded::from_str(
            "sku=A&name=B&category=C&base_price=1&cost=2&currency=USD&status=active&other=x",
        )
        .unwrap();
        let typed = parse(&form);
        assert_eq!(parse(&fill(&typed)), typed);
        for (name, _) in FIELDS {
            assert_eq!(fill(&typed).value(name), form.value(name), "{name}");
        }
    }
}
