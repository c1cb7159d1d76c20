//! The product: its fields and the rules that hold for them.

use super::line;
use crate::error::FieldError;
use crate::groups::group::Status;
use crate::money::Currency;

/// A product's fields, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// 1–64 characters, unique; compares exactly.
    pub sku: String,
    /// 1–200 characters.
    pub name: String,
    /// Up to 120 characters; empty for none.
    pub category: String,
    /// Minor units of `currency`, at least 0.
    pub base_price: i64,
    /// What a unit costs the store, minor units; `None` = unknown.
    pub cost: Option<i64>,
    /// What price and cost are in.
    pub currency: Currency,
    /// Whether it is sold at all.
    pub status: Status,
}

/// A product's fields as typed or sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The stock keeping unit.
    pub sku: String,
    /// The name.
    pub name: String,
    /// The category, or nothing.
    pub category: String,
    /// Major units.
    pub base_price: String,
    /// Major units, or nothing.
    pub cost: String,
    /// ISO 4217 code.
    pub currency: String,
    /// `active` or `inactive`.
    pub status: String,
}

impl From<&Details> for Typed {
    fn from(details: &Details) -> Self {
        let major = |minor| details.currency.major(minor).to_string();
        Self {
            sku: details.sku.clone(),
            name: details.name.clone(),
            category: details.category.clone(),
            base_price: major(details.base_price),
            cost: details.cost.map(major).unwrap_or_default(),
            currency: details.currency.code().to_owned(),
            status: details.status.name().to_owned(),
        }
    }
}

impl Typed {
    /// Checks every field; all that is wrong is told at once.
    pub fn checked(&self) -> Result<Details, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut keep = |result: Result<String, FieldError>| {
            result.unwrap_or_else(|error| {
                errors.push(error);
                String::new()
            })
        };
        let sku = keep(sku(&self.sku));
        let name = keep(line::name("name", &self.name, 200));
        let category = keep(line::optional("category", &self.category, 120));
        let currency = Currency::from_code(self.currency.trim());
        if currency.is_none() {
            errors.push(FieldError::new("currency", "Choose an ISO 4217 currency such as USD or EUR."));
        }
        // Without a currency, amounts are still read as amounts.
        let reads = currency.unwrap_or(Currency::USD);
        let mut amount = |field: &str, what: &str, text: &str| match amount(reads, text) {
            Ok(minor) => Some(minor),
            Err(cause) => {
                errors.push(FieldError::new(field, format!("The {what} {cause}.")));
                None
            }
        };
        let base_price = amount("base_price", "base price", &self.base_price);
        let cost = match self.cost.trim() {
            "" => None,
            text => amount("cost", "cost", text),
        };
        let status = Status::from_name(&self.status);
        if status.is_none() {
            errors.push(FieldError::new("status", "Choose active or inactive."));
        }
        match (base_price, currency, status) {
            (Some(base_price), Some(currency), Some(status)) if errors.is_empty() => {
                Ok(Details { sku, name, category, base_price, cost, currency, status })
            }
            _ => Err(errors),
        }
    }
}

/// An amount from 0 on in minor units; otherwise the end of a sentence about it.
pub fn amount(currency: Currency, text: &str) -> Result<i64, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("is missing: write it like 1250.00".into());
    }
    // Commas between thousands are fine; "1,50" is not guessed at.
    let grouped = text.contains(',') && is_grouped(text);
    match currency.parse(&if grouped { text.replace(',', "") } else { text.to_owned() }) {
        Ok(..0) => Err("can't be negative".into()),
        Ok(minor) => Ok(minor),
        Err(cause) => Err(cause.to_string()),
    }
}

fn is_grouped(text: &str) -> bool {
    let whole = text.split('.').next().unwrap_or_default();
    let mut parts = whole.split(',');
    let first = parts.next().is_some_and(|part| (1..=3).contains(&part.len()));
    first && parts.all(|part| part.len() == 3) && !text[whole.len()..].contains(',')
}

fn sku(text: &str) -> Result<String, FieldError> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(FieldError::new("sku", "Enter a SKU.")),
        65.. => Err(FieldError::new("sku", "Use at most 64 characters.")),
        _ => line::visible("sku", text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> Typed {
        Typed {
            sku: " SEA-1 ".into(),
            name: " Desk  lamp".into(),
            base_price: "1,249.50".into(),
            cost: "".into(),
            currency: "USD".into(),
            status: "active".into(),
            ..Typed::default()
        }
    }

    #[test]
    fn what_was_typed_becomes_a_product_and_comes_back() {
        let details = typed().checked().unwrap();
        assert_eq!((details.sku.as_str(), details.name.as_str()), ("SEA-1", "Desk lamp"));
        assert_eq!((details.base_price, details.cost), (124_950, None));
        assert_eq!(Typed::from(&details).checked().unwrap(), details);
        let costly = Typed { cost: "0".into(), ..typed() };
        assert_eq!(costly.checked().unwrap().cost, Some(0));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let wrong = |change: fn(&mut Typed)| {
            let mut typed = typed();
            change(&mut typed);
            let errors = typed.checked().unwrap_err();
            errors.into_iter().map(|error| format!("{}: {}", error.field, error.message)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(wrong(|t| t.sku = " ".into()), "sku: Enter a SKU.");
        assert_eq!(wrong(|t| t.sku = "x".repeat(65)), "sku: Use at most 64 characters.");
        assert_eq!(wrong(|t| t.category = "x".repeat(121)), "category: Use at most 120 characters.");
        assert_eq!(
            wrong(|t| t.base_price = "1.005".into()),
            "base_price: The base price has more decimals than USD has (2)."
        );
        assert_eq!(wrong(|t| t.base_price = "-1".into()), "base_price: The base price can't be negative.");
        assert_eq!(
            wrong(|t| t.base_price = "".into()),
            "base_price: The base price is missing: write it like 1250.00."
        );
        assert_eq!(wrong(|t| t.cost = "x".into()), "cost: The cost is not an amount: write it like 1250.00.");
        assert_eq!(
            wrong(|t| {
                t.currency = "YEN".into();
                t.status = "gone".into();
            }),
            "currency: Choose an ISO 4217 currency such as USD or EUR. status: Choose active or inactive."
        );
        for text in ["1,50", "1,5000", ",500", "1.000,50", "1,000,00"] {
            assert_eq!(amount(Currency::USD, text), Err("is not an amount: write it like 1250.00".into()), "{text}");
        }
        assert_eq!(amount(Currency::USD, "1,000,000.5"), Ok(100_000_050));
        let yen = Typed { currency: "JPY".into(), base_price: "1.5".into(), ..typed() };
        assert_eq!(yen.checked().unwrap_err()[0].field, "base_price");
    }
}
