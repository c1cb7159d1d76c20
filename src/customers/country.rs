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
    rust_iso3166::from_alpha2(code).map_or_else(|| code.to_owned(), |country| plain(country.name))
}

/// The standard writes "Netherlands (the)" and "Korea (the Republic of)".
fn plain(name: &str) -> String {
    name.strip_suffix(" (the)").unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_known_by_their_letters() {
        for (text, code) in [("DE", Some("DE")), (" gb ", Some("GB")), ("XX", None), ("DEU", None), ("", None)] {
            assert_eq!(code_of(text), code, "{text}");
        }
        assert_eq!((name_of("NL").as_str(), name_of("XX").as_str()), ("Netherlands", "XX"));
        assert!(all().len() > 240 && all().iter().all(|country| code_of(country.code) == Some(country.code)));
        assert!(all().windows(2).all(|pair| pair[0].name <= pair[1].name));
    }
}
