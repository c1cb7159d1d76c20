//! What the readers of JSON and of addresses say about input that doesn't fit, in sentences for people.

/// The sentence for what a reader said: `invalid type: integer 5, expected a string` becomes "Send a text, not a number."
pub fn sentence(told: &str) -> String {
    if let Some(rest) = told.strip_prefix("unknown field ") {
        let (_, known) = rest.split_once(", ").unwrap_or_default();
        return match known.strip_prefix("expected ") {
            Some(known) => {
                let known = known.trim_start_matches("one of ").replace('`', "").replace(" or ", ", ");
                format!("There is no such field here. What is known: {known}.")
            }
            None => "There is no such field here.".into(),
        };
    }
    if told.starts_with("missing field ") {
        return "It is missing; send it.".into();
    }
    if told.starts_with("duplicate field ") {
        return "It is sent twice; send it once.".into();
    }
    if told.contains("UUID") {
        return "Send an id: a UUID such as 0199f2c1-7a3b-7cde-8f01-23456789abcd.".into();
    }
    let Some((given, wanted)) = told.split_once(", expected ") else {
        return match told {
            "provided string was not `true` or `false`" => "Send true or false.".into(),
            told => format!("{}.", upper(told)),
        };
    };
    match given.split_once(": ") {
        Some(("invalid type", given)) => format!("Send {}, not {}.", wanted_words(wanted), given_words(given)),
        Some(("invalid value", _)) if is_whole(wanted) => "This number is out of range; send a smaller one.".into(),
        _ => format!("Send {}.", wanted_words(wanted)),
    }
}

/// The path of the field that is meant: what is missing, or there twice, is named beside its neighbours.
pub fn missing(path: &str, told: &str) -> String {
    let rest = ["missing field `", "duplicate field `"].iter().find_map(|prefix| told.strip_prefix(prefix));
    let name = rest.and_then(|rest| rest.split('`').next()).filter(|name| !path.ends_with(name));
    match name {
        Some(name) if path.is_empty() => name.to_owned(),
        Some(name) => format!("{path}.{name}"),
        None => path.to_owned(),
    }
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn is_whole(wanted: &str) -> bool {
    matches!(wanted, "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize")
}

fn wanted_words(wanted: &str) -> &str {
    match wanted {
        "a string" | "string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "f64" | "a JSON number" => "a number",
        wanted if is_whole(wanted) => "a whole number",
        wanted if wanted.starts_with("struct ") || wanted == "a map" => "an object",
        wanted => wanted,
    }
}

fn given_words(given: &str) -> &str {
    match given.split([' ', ',']).next().unwrap_or_default() {
        "integer" | "floating" | "number" => "a number",
        "string" => "a text",
        "boolean" => "true or false",
        "null" | "unit" => "null",
        "map" => "an object",
        "sequence" => "a list",
        _ => "this",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_understand_what_is_wrong() {
        for (told, words) in [
            ("invalid type: integer `5`, expected a string", "Send a text, not a number."),
            ("invalid type: floating point `1.5`, expected i32", "Send a whole number, not a number."),
            ("invalid type: null, expected a string", "Send a text, not null."),
            ("invalid type: string \"x\", expected a boolean", "Send true or false, not a text."),
            ("invalid type: map, expected a sequence", "Send a list, not an object."),
            ("invalid type: sequence, expected struct NewGroup", "Send an object, not a list."),
            ("invalid value: integer `3000000000`, expected i32", "This number is out of range; send a smaller one."),
            (
                "unknown field `nmae`, expected `name` or `code`",
                "There is no such field here. What is known: name, code.",
            ),
            (
                "unknown field `x`, expected one of `a`, `b`, `c`",
                "There is no such field here. What is known: a, b, c.",
            ),
            ("unknown field `x`, there are no fields", "There is no such field here."),
            ("missing field `rule`", "It is missing; send it."),
            ("duplicate field `q`", "It is sent twice; send it once."),
            ("UUID parsing failed: invalid length", "Send an id: a UUID such as 0199f2c1-7a3b-7cde-8f01-23456789abcd."),
            ("provided string was not `true` or `false`", "Send true or false."),
            ("expected an amount as text, such as \"85.00\"", "Expected an amount as text, such as \"85.00\"."),
        ] {
            assert_eq!(sentence(told), words, "{told}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(missing("", "missing field `rule`"), "rule");
        assert_eq!(missing("priceLists[0]", "missing field `priority`"), "priceLists[0].priority");
        assert_eq!(missing("", "duplicate field `q`"), "q");
        assert_eq!(missing("q", "duplicate field `q`"), "q");
        assert_eq!(missing("name", "invalid type: null, expected a string"), "name");
    }
}
