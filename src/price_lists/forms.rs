//! The forms of a price list and of a product's prices in it.

use super::entry::Break;
use super::list::Typed;
use crate::money::Currency;
use crate::web::forms::FormState;

/// The fields of the form with their labels.
pub const FIELDS: [(&str, &str); 6] = [
    ("code", "Code"),
    ("name", "Name"),
    ("currency", "Currency"),
    ("status", "Status"),
    ("valid_from", "Valid from"),
    ("valid_to", "Valid to"),
];

/// Reads the form; the actions check what it says.
pub fn parse(form: &FormState) -> Typed {
    let value = |name: &str| form.value(name).to_owned();
    Typed {
        code: value("code"),
        name: value("name"),
        currency: value("currency"),
        status: value("status"),
        valid_from: value("valid_from"),
        valid_to: value("valid_to"),
    }
}

/// A form filled with a list's fields.
pub fn fill(typed: &Typed) -> FormState {
    FormState::new()
        .with("code", &typed.code)
        .with("name", &typed.name)
        .with("currency", &typed.currency)
        .with("status", &typed.status)
        .with("valid_from", &typed.valid_from)
        .with("valid_to", &typed.valid_to)
}

/// The rows of a form of prices, (minimum quantity, price) as typed.
pub fn price_rows(form: &FormState) -> Vec<(&str, &str)> {
    let mut prices = form.values("price");
    form.values("min_quantity").map(|quantity| (quantity, prices.next().unwrap_or_default())).collect()
}

/// A form of prices filled with what is stored, which it brings along in `was`.
pub fn fill_prices(breaks: &[Break], currency: Currency) -> FormState {
    let mut form = FormState::new();
    for entry in breaks {
        form.push("min_quantity", entry.min_quantity);
        form.push("price", currency.major(entry.price));
    }
    form.with("was", serde_json::to_string(breaks).unwrap_or_default())
}

/// What was stored when a form of prices was filled; `None` where it doesn't say.
pub fn was(form: &FormState) -> Option<Vec<Break>> {
    serde_json::from_str(form.value("was")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price_lists::entry::breaks;

    #[test]
    fn forms_hold_what_is_stored() {
        let stored = [Break { min_quantity: 1, price: 1050 }, Break { min_quantity: 10, price: 900 }];
        let form = fill_prices(&stored, Currency::USD);
        assert_eq!(price_rows(&form), [("1", "10.50"), ("10", "9.00")]);
        assert_eq!(breaks(Currency::USD, price_rows(&form)).unwrap(), stored);
        assert_eq!(was(&form).unwrap(), stored);
        assert_eq!(was(&FormState::new().with("was", "[{]")), None);
        let list: FormState =
            serde_urlencoded::from_str("code=A&name=B&currency=USD&status=active&valid_from=x&valid_to=y").unwrap();
        assert_eq!(parse(&fill(&parse(&list))), parse(&list));
    }
}
