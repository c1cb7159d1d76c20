//! Countries by their ISO 3166 codes, for a select and for reading what was sent.

use std::sync::LazyLock;

/// A country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Country {
    /// Two letters.
    pub code: &'static str,
    /// The English name as people write it.
    pub name: String,
}

/// All countries, by name.
pub fn all() -> &'static [Country] {
    static ALL: LazyLock<Vec<Country>> = LazyLock::new(|| {
        let mut all: Vec<Country> = rust_iso3166::ALL
            .iter()
            .map(|country| Country { code: country.alpha2, name: plain(country.name) })
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    });
    &ALL
}

/// The code of a country given by its two letters, in either case.
pub fn code_of(text: &str) -> Option<&'static str> {
    rust_iso3166::from_alpha2(&text.trim().to_ascii_uppercase()).map(|country| country.alpha2)
}

/// The name of a country, or the code itself where it is unknown.
pub fn name_of(code: &str) -> String {
    all().iter().find(|country| country.code == code).map_or_else(|| code.to_owned(), |country| country.name.clone())
}

/// The standard writes "Netherlands (Kingdom of the)"; people leave out what stands in brackets, unless it tells two
/// countries apart, as in "Korea (the Republic of)".
fn plain(name: &str) -> String {
    let short = |name: &str| name.split(" (").next().unwrap_or_default().to_owned();
    let mine = short(name);
    let alike = rust_iso3166::ALL.iter().filter(|country| short(country.name) == mine).count();
    if alike > 1 { name.to_owned() } else { mine }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_known_by_their_letters() {
        for (text, code) in [("DE", Some("DE")), (" gb ", Some("GB")), ("XX", None), ("DEU", None), ("", None)] {
            assert_eq!(code_of(text), code, "{text}");
        }
        for (code, name) in [("NL", "Netherlands"), ("BO", "Bolivia"), ("US", "United States of America"), ("XX", "XX")]
        {
            assert_eq!(name_of(code), name);
        }
        assert_ne!(name_of("KR"), name_of("KP"));
        assert!(all().len() > 240 && all().iter().all(|country| code_of(country.code) == Some(country.code)));
        assert!(all().windows(2).all(|pair| pair[0].name <= pair[1].name));
    }
}
