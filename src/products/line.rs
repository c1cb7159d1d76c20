//! One line of text as people type it, before it becomes a name or a code.

use crate::error::FieldError;
use crate::groups::group::is_invisible;

/// A name: spaces around it go, those within become one. It has 1 to `most` characters that can be seen.
pub fn name(field: &str, text: &str, most: usize) -> Result<String, FieldError> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.chars().count() {
        0 => Err(FieldError::new(field, "Enter a name.")),
        n if n > most => Err(FieldError::new(field, format!("Use at most {most} characters."))),
        _ => visible(field, text),
    }
}

/// A text that may be empty, of at most `most` characters.
pub fn optional(field: &str, text: &str, most: usize) -> Result<String, FieldError> {
    let text = text.trim();
    if text.chars().count() > most {
        return Err(FieldError::new(field, format!("Use at most {most} characters.")));
    }
    visible(field, text.to_owned())
}

/// Refuses characters that show nothing or turn the text around them: two texts that look alike would be two things.
pub fn visible(field: &str, text: String) -> Result<String, FieldError> {
    if text.chars().any(|c| c.is_control() || is_invisible(c)) {
        return Err(FieldError::new(field, "Remove the characters that can't be shown."));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_line_that_can_be_read() {
        for (text, expected) in [
            ("  Desk \t lamp ", Ok("Desk lamp")),
            ("", Err("Enter a name.")),
            (" \n ", Err("Enter a name.")),
            ("ääää", Ok("ääää")),
            ("abcde", Err("Use at most 4 characters.")),
            ("a\u{200b}", Err("Remove the characters that can't be shown.")),
            ("a\0", Err("Remove the characters that can't be shown.")),
        ] {
            let most = if text.contains("lamp") { 20 } else { 4 };
            let got = name("name", text, most).map_err(|error| error.message);
            assert_eq!(got.as_deref().map_err(String::as_str), expected, "{text:?}");
        }
        assert_eq!(optional("category", "  ", 4).unwrap(), "");
        assert!(optional("category", "a\u{202e}", 4).is_err());
    }
}
