//! A group's metadata: a JSON object of up to 16 KiB, edited as rows whose keys are never re-cased (SPEC 3).

use crate::error::FieldError;
use serde_json::{Map, Value};

/// The most bytes that the object may have as compact JSON.
pub const MAX_BYTES: usize = 16 * 1024;

/// One row of the editor, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The key, kept exactly.
    pub key: String,
    /// JSON, or plain text that is taken as a string.
    pub value: String,
}

/// Rows for the editor. Strings are shown without quotes unless that would read as other JSON.
pub fn rows(object: &Map<String, Value>) -> Vec<Row> {
    object.iter().map(|(key, value)| Row { key: key.clone(), value: shown(value) }).collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if reads_as_itself(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether a text without quotes means that text. The editor's fields hold one line.
fn reads_as_itself(text: &str) -> bool {
    let one_line = !text.is_empty() && text.trim() == text && !text.contains(['\n', '\r']);
    one_line && !begins_like_json(text) && read(text) == Value::String(text.to_owned())
}

fn begins_like_json(text: &str) -> bool {
    text.starts_with(['{', '[', '"'])
}

/// What a typed value means: JSON where it is JSON, otherwise the text itself.
fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// The object of the typed rows. Rows without key and value are skipped; errors name the row (`metadata.2`).
pub fn parse(rows: &[Row]) -> Result<Map<String, Value>, Vec<FieldError>> {
    let mut object = Map::new();
    let mut errors = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let key = row.key.trim();
        let text = row.value.trim();
        if key.is_empty() && text.is_empty() {
            continue;
        }
        let at = format!("metadata.{i}");
        if key.is_empty() {
            errors.push(FieldError::new(at, "Give this value a key, or empty the row."));
        } else if key.chars().count() > 100 || key.chars().any(char::is_control) {
            errors.push(FieldError::new(at, "Use a key of at most 100 characters."));
        } else if object.contains_key(key) {
            errors.push(FieldError::new(at, format!("The key “{key}” is there twice: keep one row.")));
        } else if begins_like_json(text) && serde_json::from_str::<Value>(text).is_err() {
            errors.push(FieldError::new(at, "This begins like JSON and isn't: close its brackets and quotes."));
        } else {
            object.insert(key.to_owned(), read(text));
        }
    }
    if errors.is_empty() {
        check(&Value::Object(object.clone())).map_err(|e| vec![e])?;
        Ok(object)
    } else {
        Err(errors)
    }
}

/// Refuses what is not an object, what PostgreSQL can't keep, and what is too large.
pub fn check(value: &Value) -> Result<&Map<String, Value>, FieldError> {
    let Some(object) = value.as_object() else {
        return Err(FieldError::new("metadata", "Metadata is a JSON object, such as {\"tier\": \"gold\"}."));
    };
    if value.to_string().len() > MAX_BYTES {
        return Err(FieldError::new("metadata", "Metadata is at most 16 KiB: shorten or remove some values."));
    }
    if has_nul(value) {
        return Err(FieldError::new("metadata", "Remove the NUL character."));
    }
    if has_huge_number(value) {
        let message = "A number has an exponent beyond ±300: write it in quotes, as text.";
        return Err(FieldError::new("metadata", message));
    }
    Ok(object)
}

/// Numbers are kept digit by digit; one such as 1e200000 would be kept as that many digits.
fn has_huge_number(value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            let text = number.to_string().to_ascii_lowercase();
            let exponent = text.split_once('e').map(|(_, exponent)| exponent.parse::<i32>());
            exponent.is_some_and(|exponent| exponent.map_or(true, |exponent| exponent.abs() > 300))
        }
        Value::Array(items) => items.iter().any(has_huge_number),
        Value::Object(object) => object.values().any(has_huge_number),
        _ => false,
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(object) => object.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(key: &str, value: &str) -> Row {
        Row { key: key.into(), value: value.into() }
    }

    #[test]
    fn values_may_be_any_json_and_keys_keep_their_case() {
        let object = parse(&[
            row("isSeller", "true"),
            row("IsSeller", "gold"),
            row("n", "5"),
            row("long", "12345678901234567890123"),
            row("list", "[1, \"a\"]"),
            row("text", "\"5\""),
            row("", ""),
            row("empty", ""),
        ])
        .unwrap();
        assert_eq!(
            Value::Object(object),
            json!({"isSeller": true, "IsSeller": "gold", "n": 5, "long": serde_json::from_str::<Value>("12345678901234567890123").unwrap(), "list": [1, "a"], "text": "5", "empty": ""})
        );
    }

    #[test]
    fn what_is_shown_reads_back_as_the_same() {
        let object = json!({"a": "true", "b": true, "c": "plain", "d": null, "e": {"x": [1.5]}, "f": "", "g": " spaced ", "h": "{", "i": "one\ntwo"});
        let object = object.as_object().unwrap();
        assert_eq!(&parse(&rows(object)).unwrap(), object);
        assert_eq!(rows(object)[2].value, "plain");
    }

    #[test]
    fn wrong_rows_are_named() {
        let errors = |rows: &[Row]| parse(rows).unwrap_err().into_iter().map(|e| e.field).collect::<Vec<_>>();
        assert_eq!(errors(&[row("a", "1"), row("a", "2")]), ["metadata.1"]);
        assert_eq!(errors(&[row("", "2")]), ["metadata.0"]);
        assert_eq!(errors(&[row("a", "{\"x\":")]), ["metadata.0"]);
        assert_eq!(errors(&[row("a", &"x".repeat(MAX_BYTES))]), ["metadata"]);
    }

    #[test]
    fn only_objects_of_limited_size_are_metadata() {
        assert!(check(&json!({})).is_ok());
        assert!(check(&json!([])).is_err());
        assert!(check(&json!("x")).is_err());
        assert!(check(&json!({"a": "\0"})).is_err());
        let number = |text: &str| check(&serde_json::from_str(&format!("{{\"a\": [{text}]}}")).unwrap()).is_ok();
        assert!(number("12345678901234567890123") && number("1e300") && number("-1.5E-300"));
        assert!(!number("1e301") && !number("1e200000") && !number("1e99999999999"));
        let just = "x".repeat(MAX_BYTES - "{\"a\":\"\"}".len());
        assert!(check(&json!({ "a": just })).is_ok());
        assert!(check(&json!({ "a": format!("{just}x") })).is_err());
    }
}
