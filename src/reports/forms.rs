//! What of a report is asked for, as an address says it.

use super::period::{Period, Span};
use crate::error::FieldError;
use crate::web::query::Query;
use chrono::NaiveDate;

/// The period and whether subgroups count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// As it was named.
    pub span: Span,
    /// The days.
    pub period: Period,
    /// Whether the members of subgroups count.
    pub subgroups: bool,
}

impl Asked {
    /// Reads `period`, `from`, `to` and `subgroups`. Days without a name for the period are chosen days, and so are days
    /// beside a name that are not its own; nothing at all is the last 12 months with subgroups. `shown` are the days that
    /// the picker held (`FROM..TO`): left as they were they mean nothing beside a name, which then was chosen anew.
    ///
    /// # Errors
    /// At `period`, `from`, `to` or `subgroups`, a sentence that says what to do.
    pub fn of(query: &Query, today: NaiveDate) -> Result<Self, Vec<FieldError>> {
        let (from, to) = (query.get("from"), query.get("to"));
        let subgroups = Self::with_subgroups(query)?;
        let span = match query.get("period") {
            "" if from.is_empty() && to.is_empty() => Span::default(),
            "" => Span::Chosen,
            name => Span::from_name(name)
                .ok_or_else(|| vec![FieldError::new("period", "Choose one of the periods, or days of your own.")])?,
        };
        let untouched = query.get("shown") == format!("{from}..{to}");
        let its_own = |day: NaiveDate, typed: &str| typed.is_empty() || typed == day.to_string();
        match Period::of(span, today) {
            Some(period) if untouched || (its_own(period.from, from) && its_own(period.to, to)) => {
                Ok(Self { span, period, subgroups })
            }
            _ => Ok(Self { span: Span::Chosen, period: Period::parse(from, to, today)?, subgroups }),
        }
    }

    /// Whether the members of subgroups count.
    ///
    /// # Errors
    /// At `subgroups`.
    pub fn with_subgroups(query: &Query) -> Result<bool, Vec<FieldError>> {
        match query.get("subgroups") {
            "" | "yes" | "true" | "1" => Ok(true),
            "no" | "false" | "0" => Ok(false),
            _ => Err(vec![FieldError::new("subgroups", "subgroups is true or false.")]),
        }
    }
}

/// The picker of a period as a page shows it: what was asked, or what was typed with what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picker {
    /// The chosen name of a period.
    pub span: Span,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// Whether subgroups count.
    pub subgroups: bool,
    /// Whether there is a choice of that.
    pub with_subgroups: bool,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

impl Picker {
    /// The picker of what an address asks.
    pub fn of(query: &Query, asked: &Result<Asked, Vec<FieldError>>, with_subgroups: bool) -> Self {
        match asked {
            Ok(Asked { span, period, subgroups }) => Self {
                span: *span,
                from: period.from.to_string(),
                to: period.to.to_string(),
                subgroups: *subgroups,
                with_subgroups,
                errors: Vec::new(),
            },
            Err(errors) => Self {
                span: Span::Chosen,
                from: query.get("from").to_owned(),
                to: query.get("to").to_owned(),
                subgroups: Asked::with_subgroups(query).unwrap_or(true),
                with_subgroups,
                errors: errors.clone(),
            },
        }
    }

    /// Whether a field has an error.
    pub fn is_wrong(&self, field: &str) -> bool {
        self.errors.iter().any(|error| error.field == field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_asked() {
        let today = "2026-11-22".parse().unwrap();
        for (query, expected) in [
            ("", Ok((Span::Last12Months, "2025-11-23", true))),
            ("period=ytd&subgroups=no", Ok((Span::YearToDate, "2026-01-01", false))),
            ("from=2026-02-01&to=2026-02-28&subgroups=false", Ok((Span::Chosen, "2026-02-01", false))),
            // A named period needs no days: its own are no others, and what the picker held was not typed.
            ("period=30d&from=2026-10-24&to=2026-11-22", Ok((Span::Last30Days, "2026-10-24", true))),
            ("period=30d&from=2026-02-01&to=x&shown=2026-02-01..x", Ok((Span::Last30Days, "2026-10-24", true))),
            // Days that somebody typed are meant, whatever name stands beside them.
            ("period=12m&from=2026-03-01&to=2026-03-31", Ok((Span::Chosen, "2026-03-01", true))),
            (
                "period=12m&from=2026-03-01&to=2026-03-31&shown=2025-11-23..2026-11-22",
                Ok((Span::Chosen, "2026-03-01", true)),
            ),
            ("period=ytd&to=2026-03-31", Ok((Span::Chosen, "2025-04-01", true))),
            ("period=30d&from=2026-02-01&to=x", Err("to")),
            ("period=decade", Err("period")),
            ("subgroups=perhaps", Err("subgroups")),
            ("from=2026-02-30", Err("from")),
            ("period=days&from=2026-03-01&to=2026-02-01", Err("to")),
        ] {
            let got = Asked::of(&Query::new("/reports", query), today);
            let got = got.map(|asked| (asked.span, asked.period.from.to_string(), asked.subgroups));
            let expected = expected.map(|(span, from, subgroups)| (span, from.to_owned(), subgroups));
            assert_eq!(got.map_err(|errors| errors[0].field.clone()), expected.map_err(str::to_owned), "{query}");
        }
    }
}
