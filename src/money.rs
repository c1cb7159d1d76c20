//! Money and percentages: exact, never a float (SPEC 1).
//!
//! An amount is an `i64` of minor units (cents for USD, yen for JPY) beside its [`Currency`].

use iso_currency::Currency as Iso;
use rust_decimal::Decimal;
use std::fmt;
use std::sync::LazyLock;

/// An ISO 4217 currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency(Iso);

/// Why a text is not an amount. Each says what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not a plain decimal number.
    #[error("is not an amount: write it like 1250.00")]
    NotANumber,
    /// More decimals than the currency has.
    #[error("has more decimals than {0} has ({1})")]
    TooManyDecimals(Currency, u16),
    /// Outside what fits (± 90 trillion units).
    #[error("is too large")]
    TooLarge,
}

impl Currency {
    /// US dollars, the currency of a fresh store.
    pub const USD: Currency = Currency(Iso::USD);

    /// The currency of an ISO 4217 code such as `EUR`; `None` where there is no such code.
    pub fn from_code(code: &str) -> Option<Self> {
        let iso = Iso::from_code(code)?;
        // Codes such as XAU (gold) have no minor unit and price nothing.
        iso.exponent().map(|_| Self(iso))
    }

    /// Every currency that has one, by code.
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Currency>> = LazyLock::new(|| {
            let letters = || 'A'..='Z';
            let codes = letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| [a, b, c])));
            codes.filter_map(|code| Currency::from_code(&String::from_iter(code))).collect()
        });
        &ALL
    }

    /// The three letters, `USD`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// The name, `United States dollar`.
    pub fn name(self) -> String {
        self.0.name().to_owned()
    }

    /// How many decimals its amounts have: 2 for USD, 0 for JPY, 3 for KWD.
    pub fn decimals(self) -> u16 {
        self.0.exponent().unwrap_or(2)
    }

    /// Reads a decimal string in major units (`"1250.5"`, `"1,250.50"` is refused) as minor units.
    pub fn parse(self, text: &str) -> Result<i64, AmountError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && digits.bytes().any(|b| b.is_ascii_digit())
            && digits.bytes().filter(|b| *b == b'.').count() <= 1;
        if !plain {
            return Err(AmountError::NotANumber);
        }
        if digits.len() > 28 {
            return Err(AmountError::TooLarge);
        }
        let value = Decimal::from_str_exact(text).map_err(|_| AmountError::NotANumber)?.normalize();
        self.minor(value)
    }

    /// Reads an amount as people write it: as [`Currency::parse`], or with this currency's symbol or code before it and with
    /// commas between groups of three digits (`$50,000`), as [`Currency::format`] writes it.
    pub fn parse_written(self, text: &str) -> Result<i64, AmountError> {
        let text = text.trim();
        let (sign, text) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => ("-", rest),
            None => ("", text),
        };
        let symbol = self.prefix();
        let bare = text.strip_prefix(symbol.trim_end()).or_else(|| text.strip_prefix(self.code())).unwrap_or(text);
        let (whole, fraction) =
            bare.trim_start().split_once('.').map_or((bare.trim_start(), None), |(w, f)| (w, Some(f)));
        let mut groups = whole.split(',');
        let first = groups.next().unwrap_or_default();
        let is_grouped = groups.clone().next().is_some();
        if is_grouped && !((1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3)) {
            return Err(AmountError::NotANumber);
        }
        let fraction = fraction.map(|fraction| format!(".{fraction}")).unwrap_or_default();
        // A second sign is none of an amount; `parse` alone would take the first of them.
        let digits = format!("{}{fraction}", whole.replace(',', ""));
        if digits.starts_with('-') { Err(AmountError::NotANumber) } else { self.parse(&format!("{sign}{digits}")) }
    }

    /// A decimal in major units as minor units; refused where it has more decimals than the currency.
    pub fn minor(self, value: Decimal) -> Result<i64, AmountError> {
        let value = value.normalize();
        if value.scale() > u32::from(self.decimals()) {
            return Err(AmountError::TooManyDecimals(self, self.decimals()));
        }
        let shifted =
            value.checked_mul(Decimal::from(10i64.pow(u32::from(self.decimals())))).ok_or(AmountError::TooLarge)?;
        let minor = i64::try_from(shifted).map_err(|_| AmountError::TooLarge)?;
        if minor.unsigned_abs() > 9_000_000_000_000_000 {
            return Err(AmountError::TooLarge);
        }
        Ok(minor)
    }

    /// Minor units as an exact decimal in major units, always with the currency's decimals: `85.00`.
    pub fn major(self, minor: i64) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(minor), u32::from(self.decimals()))
    }

    /// For people: `$1,234.50`, `−$5.00`, `JPY 1,200` where the symbol is not one that stands alone.
    pub fn format(self, minor: i64) -> String {
        let sign = if minor < 0 { "\u{2212}" } else { "" };
        let text = self.major(minor.saturating_abs()).to_string();
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) => (whole, format!(".{fraction}")),
            None => (text.as_str(), String::new()),
        };
        format!("{sign}{}{}{fraction}", self.prefix(), group_thousands(whole))
    }

    /// For people where cents are noise: `$245,678`, rounded half away from zero to whole units.
    pub fn format_whole(self, minor: i64) -> String {
        let sign = if minor < 0 { "\u{2212}" } else { "" };
        let whole = self
            .major(minor.saturating_abs())
            .round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
        format!("{sign}{}{}", self.prefix(), group_thousands(&whole.to_string()))
    }

    fn prefix(self) -> String {
        match self.0 {
            Iso::USD => "$".into(),
            Iso::EUR => "€".into(),
            Iso::GBP => "£".into(),
            Iso::JPY => "¥".into(),
            other => format!("{}\u{a0}", other.code()),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A count for people: `1,169`.
pub fn format_count(n: i64) -> String {
    let sign = if n < 0 { "\u{2212}" } else { "" };
    format!("{sign}{}", group_thousands(&n.unsigned_abs().to_string()))
}

/// A percentage for people: `15%`, `12.5%`.
pub fn format_percent(percent: Decimal) -> String {
    format!("{}%", percent.normalize())
}

fn group_thousands(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_currencies_price_something_and_are_in_order() {
        let codes: Vec<&str> = Currency::all().iter().map(|currency| currency.code()).collect();
        for code in ["USD", "EUR", "JPY", "KWD"] {
            assert!(codes.contains(&code), "{code}");
        }
        assert!(!codes.contains(&"XAU"), "gold has no minor unit");
        assert!(codes.is_sorted());
    }

    #[test]
    fn amounts_are_read_exactly() {
        let jpy = Currency::from_code("JPY").unwrap();
        let kwd = Currency::from_code("KWD").unwrap();
        for (currency, text, expected) in [
            (Currency::USD, "0", Ok(0)),
            (Currency::USD, "22.5", Ok(2250)),
            (Currency::USD, "22.50", Ok(2250)),
            (Currency::USD, "22.500", Ok(2250)),
            (Currency::USD, "-3.01", Ok(-301)),
            (Currency::USD, ".5", Ok(50)),
            (jpy, "120", Ok(120)),
            (kwd, "1.234", Ok(1234)),
            (Currency::USD, "0.001", Err(AmountError::TooManyDecimals(Currency::USD, 2))),
            (jpy, "1.5", Err(AmountError::TooManyDecimals(jpy, 0))),
            (Currency::USD, "", Err(AmountError::NotANumber)),
            (Currency::USD, ".", Err(AmountError::NotANumber)),
            (Currency::USD, "1,000", Err(AmountError::NotANumber)),
            (Currency::USD, "1e3", Err(AmountError::NotANumber)),
            (Currency::USD, "+1", Err(AmountError::NotANumber)),
            (Currency::USD, "NaN", Err(AmountError::NotANumber)),
            (Currency::USD, "99999999999999999999", Err(AmountError::TooLarge)),
            (Currency::USD, "99999999999999999999999999999999", Err(AmountError::TooLarge)),
        ] {
            assert_eq!(currency.parse(text), expected, "{text} {currency}");
        }
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let wrong = Err(AmountError::NotANumber);
        for (text, code, expected) in [
            ("50000", "USD", Ok(5_000_000)),
            ("50,000", "USD", Ok(5_000_000)),
            ("$50,000.50", "USD", Ok(5_000_050)),
            (" $ 1,234,567 ", "USD", Ok(123_456_700)),
            ("-$5.00", "USD", Ok(-500)),
            ("\u{2212}$5.00", "USD", Ok(-500)),
            ("CHF\u{a0}1,200.00", "CHF", Ok(120_000)),
            ("USD 7", "USD", Ok(700)),
            ("\u{a5}1,200", "JPY", Ok(1200)),
            ("50,00", "USD", wrong),
            ("1,0000", "USD", wrong),
            (",500", "USD", wrong),
            ("5000,000", "USD", wrong),
            ("1.000,50", "USD", wrong),
            ("\u{20ac}5", "USD", wrong),
            ("--5", "USD", wrong),
            ("$", "USD", wrong),
            ("", "USD", wrong),
        ] {
            assert_eq!(Currency::from_code(code).unwrap().parse_written(text), expected, "{text} {code}");
        }
    }

    #[test]
    fn amounts_read_as_people_write_them() {
        let chf = Currency::from_code("CHF").unwrap();
        assert_eq!(Currency::USD.format(123_456_789), "$1,234,567.89");
        assert_eq!(Currency::USD.format(-500), "\u{2212}$5.00");
        assert_eq!(Currency::USD.format_whole(24_567_850), "$245,679");
        assert_eq!(chf.format(100), "CHF\u{a0}1.00");
        assert_eq!(Currency::from_code("JPY").unwrap().format(1200), "¥1,200");
        assert_eq!(format_count(1169), "1,169");
        assert_eq!(format_percent(Decimal::new(1500, 2)), "15%");
        assert_eq!(format_percent(Decimal::new(1250, 2)), "12.5%");
    }

    #[test]
    fn only_currencies_with_a_minor_unit_are_known() {
        assert_eq!(Currency::from_code("XAU"), None);
        assert_eq!(Currency::from_code("usd"), None);
        assert_eq!(Currency::from_code("EUR").map(Currency::code), Some("EUR"));
    }
}
