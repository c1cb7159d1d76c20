//! What can go wrong, once: the console shows it as a page ([`crate::web::errors`]), the API as a problem document.

use diesel::result::{DatabaseErrorKind, Error as Diesel};
use std::fmt;

/// A field of a form or a request body that can't be taken, and the sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name as the form or the JSON has it; empty where the whole input is meant.
    pub field: String,
    /// One sentence for people.
    pub message: String,
}

impl FieldError {
    /// An error at `field`.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// The outcome of something that was asked for and is not done. Nothing was changed.
#[derive(Debug)]
pub enum Error {
    /// Who asks is not known (401, or the sign-in page).
    Unauthenticated,
    /// Who asks may not do this (403). The text says who may.
    Forbidden(String),
    /// No such thing, or it is deleted (404). The text names it: "This group doesn't exist or was deleted."
    NotFound(String),
    /// Someone else changed it since it was read (409).
    Stale(String),
    /// It can't be done in the present state (409). The text says why and what to do.
    Conflict(String),
    /// The request itself can't be read (400).
    Malformed(String),
    /// Fields with values that can't be taken (422).
    Invalid(Vec<FieldError>),
    /// The body is over the limit (413).
    TooLarge(String),
    /// The body is of a kind that isn't taken here (415).
    UnsupportedMedia(String),
    /// Too many attempts (429); seconds until the next one makes sense.
    TooMany {
        /// Seconds.
        retry_after: u64,
    },
    /// The database can't take the request right now (503).
    Busy,
    /// A fault of ours or of the machine (500). Logged in full, shown as a reference only.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// The result of whatever may end in an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error at one field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    /// The same error with its fields by other names, each as (known here, called there): the fields of a form are called
    /// otherwise in JSON. Fields that aren't among them keep theirs.
    pub fn with_names(self, names: &[(&str, &str)]) -> Self {
        let Self::Invalid(errors) = self else { return self };
        let renamed = |error: FieldError| match names.iter().find(|(known, _)| *known == error.field) {
            Some((_, called)) => FieldError { field: (*called).to_owned(), ..error },
            None => error,
        };
        Self::Invalid(errors.into_iter().map(renamed).collect())
    }

    /// Wraps a fault that no user can mend.
    pub fn internal(fault: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(fault.into())
    }

    /// The name of the database constraint that refused a statement, where it was one.
    pub fn constraint(error: &Diesel) -> Option<&str> {
        match error {
            Diesel::DatabaseError(
                DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::CheckViolation
                | DatabaseErrorKind::ForeignKeyViolation,
                info,
            ) => info.constraint_name(),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthenticated => f.write_str("Sign in first."),
            Self::Forbidden(text)
            | Self::NotFound(text)
            | Self::Stale(text)
            | Self::Conflict(text)
            | Self::Malformed(text)
            | Self::TooLarge(text)
            | Self::UnsupportedMedia(text) => f.write_str(text),
            Self::Invalid(fields) => {
                for (i, error) in fields.iter().enumerate() {
                    if i > 0 {
                        f.write_str(" ")?;
                    }
                    if error.field.is_empty() {
                        write!(f, "{}", error.message)?;
                    } else {
                        write!(f, "{}: {}", error.field, error.message)?;
                    }
                }
                Ok(())
            }
            Self::TooMany { retry_after } => write!(f, "Too many attempts. Try again in {retry_after} seconds."),
            Self::Busy => f.write_str("The database is busy. Try again in a moment."),
            Self::Internal(fault) => write!(f, "{fault}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        match error {
            Diesel::NotFound => Self::NotFound("This doesn't exist or was deleted.".into()),
            Diesel::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => Self::Busy,
            // PostgreSQL ended one of two transactions that waited for each other; it can simply be tried again.
            Diesel::DatabaseError(_, info) if info.message() == "deadlock detected" => Self::Busy,
            // PostgreSQL holds every character but this one; what is shown to people has been checked before.
            Diesel::DatabaseError(DatabaseErrorKind::Unknown, info) if info.message().ends_with("\"UTF8\": 0x00") => {
                Self::Malformed("Text can't hold the character NUL. Remove it and try again.".into())
            }
            other => Self::Internal(Box::new(other)),
        }
    }
}
