//! What a field's text means, for every kind of value but times. Pure.

use crate::money::{AmountError, Currency};

/// Why a text is not a value of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Without the text itself, as reasons are counted.
    pub cause: &'static str,
    /// In full, with what to do.
    pub message: String,
}

impl Fault {
    /// A fault with its cause and its full sentence.
    pub fn new(cause: &'static str, message: impl Into<String>) -> Self {
        Self { cause, message: message.into() }
    }
}

/// Long texts are cut where a sentence repeats them.
pub fn shown(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((cut, _)) => format!("“{}…”", &text[..cut]),
        None => format!("“{text}”"),
    }
}

/// A text of at most `max` characters.
pub fn text(text: &str, max: usize) -> Result<&str, Fault> {
    // Characters are at most as many as bytes.
    if text.len() > max && text.chars().count() > max {
        return Err(Fault::new("is too long", format!("{} is longer than {max} characters", shown(text))));
    }
    Ok(text)
}

/// A text of one line, at most `max` characters: names and codes.
pub fn line(value: &str, max: usize) -> Result<&str, Fault> {
    if value.contains(['\n', '\r', '\t']) {
        return Err(Fault::new("has a line break", format!("{} has a line break or tab within", shown(value))));
    }
    text(value, max)
}

/// A group's code: 1 to 32 of `A-Z 0-9 _ -` (SPEC 3).
pub fn group_code(text: &str) -> Result<&str, Fault> {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-';
    if text.len() <= 32 && text.bytes().all(fits) {
        return Ok(text);
    }
    Err(Fault::new(
        "is not a group code",
        format!("{} is not a group code: up to 32 of A-Z, 0-9, _ and -", shown(text)),
    ))
}

/// A group's name: up to 120 characters without `;` (SPEC 3), with single spaces between its words as the console
/// keeps them.
pub fn group_name(text: &str) -> Result<String, Fault> {
    if text.contains(';') {
        return Err(Fault::new("holds a ;", format!("{} holds a “;”, which separates group names", shown(text))));
    }
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line(&name, 120)?;
    Ok(name)
}

/// A price list's code: 1 to 64 of `A-Z a-z 0-9 _ -` (SPEC 1).
pub fn price_list_code(text: &str) -> Result<&str, Fault> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if text.len() <= 64 && text.bytes().all(fits) {
        return Ok(text);
    }
    Err(Fault::new(
        "is not a price list code",
        format!("{} is not a price list code: up to 64 of A-Z, a-z, 0-9, _ and -", shown(text)),
    ))
}

/// An e-mail address, as far as a wrong column can be told from a sloppy entry.
pub fn email(text: &str) -> Result<&str, Fault> {
    let fits = text.rsplit_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if !fits || text.chars().count() > 254 {
        return Err(Fault::new("is not an e-mail address", format!("{} is not an e-mail address", shown(text))));
    }
    line(text, 254)
}

/// One of a few words, in any case.
pub fn choice(text: &str, words: &[&'static str]) -> Result<&'static str, Fault> {
    words.iter().find(|word| word.eq_ignore_ascii_case(text)).copied().ok_or_else(|| {
        Fault::new("is not one of the choices", format!("{} is not one of {}", shown(text), words.join(", ")))
    })
}

/// A currency by its ISO 4217 code.
pub fn currency(text: &str) -> Result<Currency, Fault> {
    Currency::from_code(&text.to_ascii_uppercase()).ok_or_else(|| {
        Fault::new("is not a currency", format!("{} is not a currency: write its code, such as EUR", shown(text)))
    })
}

/// A currency that has to be the store's.
pub fn only_currency(text: &str, stores: Currency) -> Result<Currency, Fault> {
    let found = currency(text)?;
    if found == stores {
        return Ok(found);
    }
    let told =
        format!("{} is not the store's currency {stores}: prices in {found} belong into a price list", shown(text));
    Err(Fault::new("is not the store's currency", told))
}

/// An amount of `currency` in major units, as minor units; never negative.
pub fn amount(text: &str, currency: Currency) -> Result<i64, Fault> {
    let minor = currency.parse(text).map_err(|error| {
        let cause = match error {
            AmountError::NotANumber => "is not an amount",
            AmountError::TooManyDecimals(..) => "has more decimals than the currency has",
            AmountError::TooLarge => "is too large",
        };
        Fault::new(cause, format!("{} {error}", shown(text)))
    })?;
    if minor < 0 {
        return Err(Fault::new("is negative", format!("{} is negative", shown(text))));
    }
    Ok(minor)
}

/// A whole number within what the database keeps.
pub fn whole(text: &str) -> Result<i32, Fault> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::new("is not a whole number", format!("{} is not a whole number", shown(text))));
    }
    text.parse().map_err(|_| Fault::new("is too large", format!("{} is too large", shown(text))))
}

/// A whole number of at least 1.
pub fn positive(text: &str) -> Result<i32, Fault> {
    match whole(text)? {
        number if number > 0 => Ok(number),
        _ => Err(Fault::new("is not at least 1", format!("{} is not at least 1", shown(text)))),
    }
}

/// Yes or no.
pub fn flag(text: &str) -> Result<bool, Fault> {
    const YES: &[&str] = &["true", "yes", "y", "1"];
    const NO: &[&str] = &["false", "no", "n", "0"];
    let is_in = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    match (is_in(YES), is_in(NO)) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err(Fault::new("is neither yes nor no", format!("{} is neither yes nor no (true, false)", shown(text)))),
    }
}

/// The texts between semicolons, each once, in their order; two that differ by case only are the same.
pub fn list(text: &str) -> Vec<&str> {
    let mut seen = Vec::new();
    for item in text.split(';').map(str::trim).filter(|item| !item.is_empty()) {
        if !seen.iter().any(|other: &&str| other.to_lowercase() == item.to_lowercase()) {
            seen.push(item);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        let gbp = Currency::from_code("GBP").unwrap();
        let jpy = Currency::from_code("JPY").unwrap();
        assert_eq!(amount("2.55", gbp), Ok(255));
        assert_eq!(amount("2.550", gbp), Ok(255));
        assert_eq!(amount("0", gbp), Ok(0));
        assert_eq!(amount("1200", jpy), Ok(1200));
        assert_eq!(whole("-12"), Ok(-12));
        assert_eq!(positive("3"), Ok(3));
        assert_eq!(currency("gbp"), Ok(gbp));
        assert_eq!(only_currency("gbp", gbp), Ok(gbp));
        assert_eq!(choice("Active", &["active", "inactive"]), Ok("active"));
        assert_eq!(flag("YES"), Ok(true));
        assert_eq!(flag("0"), Ok(false));
        assert_eq!(email("a@b"), Ok("a@b"));
        assert_eq!(group_code("VIP-2_A"), Ok("VIP-2_A"));
        assert_eq!(price_list_code("Vip_2"), Ok("Vip_2"));
        assert_eq!(list(" VIP ; Retail;; vip ;"), ["VIP", "Retail"]);
        assert_eq!(list(""), Vec::<&str>::new());
        assert_eq!(text("äöü", 3), Ok("äöü"));
    }

    #[test]
    fn values_that_are_none_say_why() {
        let gbp = Currency::from_code("GBP").unwrap();
        let cases = [
            (amount("0.001", gbp).unwrap_err(), "has more decimals than the currency has"),
            (amount("-1", gbp).unwrap_err(), "is negative"),
            (amount("1,50", gbp).unwrap_err(), "is not an amount"),
            (amount("£5", gbp).unwrap_err(), "is not an amount"),
            (amount("1e3", gbp).unwrap_err(), "is not an amount"),
            (amount("99999999999999999", gbp).unwrap_err(), "is too large"),
            (whole("2.5").unwrap_err(), "is not a whole number"),
            (whole("-").unwrap_err(), "is not a whole number"),
            (whole("3000000000").unwrap_err(), "is too large"),
            (positive("0").unwrap_err(), "is not at least 1"),
            (currency("£").unwrap_err(), "is not a currency"),
            (only_currency("£", gbp).unwrap_err(), "is not a currency"),
            (only_currency("JPY", gbp).unwrap_err(), "is not the store's currency"),
            (choice("gone", &["active"]).unwrap_err(), "is not one of the choices"),
            (flag("maybe").unwrap_err(), "is neither yes nor no"),
            (email("nobody").unwrap_err(), "is not an e-mail address"),
            (email("@c").unwrap_err(), "is not an e-mail address"),
            (group_code("vip").unwrap_err(), "is not a group code"),
            (group_code(&"A".repeat(33)).unwrap_err(), "is not a group code"),
            (group_name("A;B").unwrap_err(), "holds a ;"),
            (price_list_code("a b").unwrap_err(), "is not a price list code"),
            (text("abcd", 3).unwrap_err(), "is too long"),
            (line("a\nb", 30).unwrap_err(), "has a line break"),
        ];
        for (fault, cause) in cases {
            assert_eq!(fault.cause, cause, "{}", fault.message);
        }
        assert!(shown(&"x".repeat(100)).ends_with("…”"));
    }
}
