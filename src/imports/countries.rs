//! Countries as files name them: ISO 3166 codes and English names.

use super::mapping::normalize;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Names in wide use that the standard doesn't have.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("UK", "GB"),
    ("United Kingdom", "GB"),
    ("Great Britain", "GB"),
    ("United States", "US"),
    ("Bosnia", "BA"),
    ("Brunei", "BN"),
    ("Cape Verde", "CV"),
    ("Czech Republic", "CZ"),
    ("Democratic Republic of the Congo", "CD"),
    ("EIRE", "IE"),
    ("Republic of Ireland", "IE"),
    ("Holland", "NL"),
    ("Ivory Coast", "CI"),
    ("Laos", "LA"),
    ("Macau", "MO"),
    ("Macedonia", "MK"),
    ("North Korea", "KP"),
    ("South Korea", "KR"),
    ("RSA", "ZA"),
    ("Russia", "RU"),
    ("Swaziland", "SZ"),
    ("Syria", "SY"),
    ("Turkey", "TR"),
    ("UAE", "AE"),
    ("Vatican City", "VA"),
    ("Vietnam", "VN"),
];

static BY_NAME: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    let mut short: HashMap<String, Vec<&'static str>> = HashMap::new();
    for country in rust_iso3166::ALL {
        names.insert(normalize(country.name), country.alpha2);
        if let Some((before, _)) = country.name.split_once('(') {
            short.entry(normalize(before)).or_default().push(country.alpha2);
        }
    }
    for (name, codes) in short {
        // "Korea" alone could be either.
        if let [code] = codes.as_slice() {
            names.entry(name).or_insert(code);
        }
    }
    for (name, code) in OTHER_NAMES {
        names.insert(normalize(name), code);
    }
    names
});

/// The ISO 3166 alpha-2 code of a country given by its two or three letters or its English name.
pub fn country_code(text: &str) -> Option<&'static str> {
    let letters = text.to_ascii_uppercase();
    let by_letters = match letters.len() {
        2 => rust_iso3166::from_alpha2(&letters),
        3 => rust_iso3166::from_alpha3(&letters),
        _ => None,
    };
    by_letters.map(|country| country.alpha2).or_else(|| BY_NAME.get(&normalize(text)).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_lead_to_the_same_country() {
        let cases = [
            ("GB", Some("GB")),
            ("us", Some("US")),
            ("USA", Some("US")),
            ("UK", Some("GB")),
            ("United Kingdom", Some("GB")),
            ("germany", Some("DE")),
            ("EIRE", Some("IE")),
            ("RSA", Some("ZA")),
            ("Netherlands", Some("NL")),
            ("Hong Kong", Some("HK")),
            ("Czech Republic", Some("CZ")),
            ("Taiwan", Some("TW")),
            ("cote d'ivoire", None),
            ("Côte d'Ivoire", Some("CI")),
            ("Korea", None),
            ("Channel Islands", None),
            ("European Community", None),
            ("Unspecified", None),
            ("XX", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(country_code(text), expected, "{text}");
        }
    }
}
