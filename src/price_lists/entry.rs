//! Entries of a price list: a product's price from a quantity on.

use crate::error::FieldError;
use crate::money::Currency;
use crate::products::product::amount;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The most prices that one product has in a list, for different quantities.
pub const MOST_BREAKS: usize = 50;

/// A price from a quantity on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Break {
    /// Holds from so many units on; at least 1.
    pub min_quantity: i32,
    /// For each unit, minor units of the list's currency; at least 0.
    pub price: i64,
}

/// A minimum quantity; an empty text is 1.
pub fn quantity(text: &str) -> Result<i32, &'static str> {
    match text.trim() {
        "" => Ok(1),
        text => {
            text.replace(',', "").parse().ok().filter(|n| *n >= 1).ok_or("Enter a whole number of units from 1 on.")
        }
    }
}

/// A price in minor units.
pub fn price(currency: Currency, text: &str) -> Result<i64, String> {
    amount(currency, text).map_err(|cause| format!("The price {cause}."))
}

/// The prices that the rows of a form say, the smallest quantity first. Rows without a price and without a quantity are
/// left out; errors stand at `min_quantity_N` and `price_N`, counted from 0.
pub fn breaks<'a>(
    currency: Currency,
    rows: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<Break>, Vec<FieldError>> {
    let (mut breaks, mut errors, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for (at, (quantity_text, price_text)) in rows.into_iter().enumerate() {
        if quantity_text.trim().is_empty() && price_text.trim().is_empty() {
            continue;
        }
        let quantity = quantity(quantity_text).map_err(|message| {
            errors.push(FieldError::new(format!("min_quantity_{at}"), message));
        });
        let price = price(currency, price_text).map_err(|message| {
            errors.push(FieldError::new(format!("price_{at}"), message));
        });
        if let (Ok(min_quantity), Ok(price)) = (quantity, price) {
            if !seen.insert(min_quantity) {
                let message = format!("There is another price from {min_quantity} on. Keep one of them.");
                errors.push(FieldError::new(format!("min_quantity_{at}"), message));
            }
            breaks.push(Break { min_quantity, price });
        }
    }
    if breaks.len() > MOST_BREAKS {
        errors.push(FieldError::new("", format!("A product has at most {MOST_BREAKS} prices in a list.")));
    }
    breaks.sort_unstable();
    if errors.is_empty() { Ok(breaks) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows: &[(&str, &str)]) -> Result<Vec<(i32, i64)>, Vec<String>> {
        breaks(Currency::USD, rows.iter().copied())
            .map(|breaks| breaks.into_iter().map(|b| (b.min_quantity, b.price)).collect())
            .map_err(|errors| errors.into_iter().map(|error| error.field).collect())
    }

    #[test]
    fn rows_become_quantity_breaks() {
        let fields = |names: &[&str]| Err(names.iter().map(|name| (*name).to_owned()).collect());
        for (rows, expected) in [
            (vec![("10", "8.50"), ("", "10")], Ok(vec![(1, 1000), (10, 850)])),
            (vec![("", ""), (" ", " ")], Ok(vec![])),
            (vec![("1,000", "0")], Ok(vec![(1000, 0)])),
            (vec![("0", "1")], fields(&["min_quantity_0"])),
            (vec![("1.5", "-1")], fields(&["min_quantity_0", "price_0"])),
            (vec![("", "1"), ("", ""), ("1", "2")], fields(&["min_quantity_2"])),
            (vec![("5", "")], fields(&["price_0"])),
            (vec![("5", "1.005")], fields(&["price_0"])),
            (vec![("9999999999", "1")], fields(&["min_quantity_0"])),
        ] {
            assert_eq!(read(&rows), expected, "{rows:?}");
        }
        let many: Vec<String> = (1..=51).map(|n| n.to_string()).collect();
        let rows: Vec<(&str, &str)> = many.iter().map(|n| (n.as_str(), "1")).collect();
        assert_eq!(read(&rows), fields(&[""]));
        assert_eq!(read(&rows[..50]).unwrap().len(), 50);
    }
}
