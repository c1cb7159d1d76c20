//! The product form: from what was typed to [`Typed`], and back.

use super::product::Typed;
use crate::web::forms::FormState;

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

#[cfg(test)]
mod tests {
    use super::*;

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
