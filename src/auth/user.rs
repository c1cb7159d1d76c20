//! A person who signs in, and the checks on what is typed for one.

use super::role::Role;
use crate::error::FieldError;

/// A new person's details, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUser {
    /// Where the person signs in with; stored as typed, compared without case.
    pub email: String,
    /// 1–120 characters.
    pub name: String,
    /// What the person may do.
    pub role: Role,
}

impl NewUser {
    /// Checks raw text: names every field that can't be taken.
    pub fn parse(email: &str, name: &str, role: &str) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let email = email.trim();
        let name = name.trim();
        if !looks_like_email(email) {
            errors.push(FieldError::new("email", "Enter an email address such as ann@example.com."));
        }
        if name.is_empty() || name.chars().count() > 120 || name.chars().any(char::is_control) {
            errors.push(FieldError::new("name", "Enter a name of 1 to 120 characters."));
        }
        let role = Role::from_name(role);
        if role.is_none() {
            errors.push(role_error());
        }
        match role {
            Some(role) if errors.is_empty() => Ok(Self { email: email.into(), name: name.into(), role }),
            _ => Err(errors),
        }
    }
}

/// The error of a role that there is not.
pub fn role_error() -> FieldError {
    FieldError::new("role", "Choose viewer, editor or admin.")
}

/// One `@` with something on both sides, no spaces, at most 254 characters: the rest only a mail can tell.
pub fn looks_like_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty()
        && !domain.is_empty()
        && !domain.contains('@')
        && text.len() <= 254
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named() {
        let fields =
            |r: Result<NewUser, Vec<FieldError>>| r.unwrap_err().into_iter().map(|e| e.field).collect::<Vec<_>>();
        assert_eq!(fields(NewUser::parse("x", "", "boss")), ["email", "name", "role"]);
        assert_eq!(fields(NewUser::parse("a@b", "Ann", "boss")), ["role"]);
        let ann = NewUser::parse(" ann@example.com ", " Ann ", "admin").unwrap();
        assert_eq!((ann.email.as_str(), ann.name.as_str(), ann.role), ("ann@example.com", "Ann", Role::Admin));
    }

    #[test]
    fn emails_have_one_at() {
        for (text, good) in [
            ("a@b", true),
            ("a@b.c", true),
            ("a", false),
            ("@b", false),
            ("a@", false),
            ("a@b@c", false),
            ("a b@c", false),
        ] {
            assert_eq!(looks_like_email(text), good, "{text}");
        }
    }
}
