//! The visibility group: its fields.

use crate::error::FieldError;
use crate::products::line;

/// A visibility group's fields, as typed and checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// 1–120 characters, unique whatever the case.
    pub name: String,
    /// Up to 2,000 characters.
    pub description: String,
}

impl Details {
    /// Trims what people leave around a value, and checks each field by itself.
    pub fn checked(&self) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let name = line::name("name", &self.name, 120).unwrap_or_else(|error| {
            errors.push(error);
            String::new()
        });
        let description = self.description.replace("\r\n", "\n").trim().to_owned();
        if description.chars().count() > 2000 {
            errors.push(FieldError::new("description", "Use at most 2,000 characters."));
        } else if description.contains('\0') {
            errors.push(FieldError::new("description", "Remove the characters that can't be shown."));
        }
        if errors.is_empty() { Ok(Self { name, description }) } else { Err(errors) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_limits() {
        let of = |name: &str, description: &str| {
            let details = Details { name: name.into(), description: description.into() };
            details.checked().map_err(|errors| errors.into_iter().map(|e| e.field).collect::<Vec<_>>())
        };
        let good = of(" Standard  Products ", "One\r\ntwo ").unwrap();
        assert_eq!((good.name.as_str(), good.description.as_str()), ("Standard Products", "One\ntwo"));
        assert_eq!(of("", &"x".repeat(2001)).unwrap_err(), ["name", "description"]);
        assert_eq!(of("a\u{200b}", "a\0").unwrap_err(), ["name", "description"]);
        assert_eq!(of(&"x".repeat(121), "").unwrap_err(), ["name"]);
    }
}
