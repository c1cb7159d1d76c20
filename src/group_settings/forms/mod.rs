//! The forms of own settings: what was typed as a [`Patch`](super::patch::Patch), and own settings as a form again.
//!
//! A field is called as the JSON API calls it (`paymentTerms.netDays`). Empty means inherited; where something can be
//! explicitly none, a box beside the field (`paymentTerms.netDays.none`) says so.

pub mod inheritance;
pub mod meanwhile;
pub mod pricing;
pub mod terms;
pub mod visibility;

use crate::error::FieldError;
use crate::inheritance::own::Setting;
use crate::money::Currency;
use crate::web::forms::FormState;
use rust_decimal::Decimal;

/// Reads a form and collects what is wrong with it.
struct Reader<'a> {
    form: &'a FormState,
    currency: Currency,
    errors: Vec<FieldError>,
}

impl<'a> Reader<'a> {
    fn new(form: &'a FormState, currency: Currency) -> Self {
        Self { form, currency, errors: Vec::new() }
    }

    fn wrong(&mut self, field: &str, message: impl Into<String>) {
        self.errors.push(FieldError::new(field, message.into()));
    }

    /// A field with a box for "explicitly none" beside it.
    fn setting<T>(&mut self, field: &str, read: impl FnOnce(&mut Self, &str) -> Option<T>) -> Setting<T> {
        let none = self.form.is(&format!("{field}.none"), "on");
        match (self.form.filled(field), none) {
            (None, false) => Setting::Unset,
            (None, true) => Setting::ExplicitNone,
            (Some(_), true) => {
                self.wrong(field, "Enter a value or tick the box, not both.");
                Setting::Unset
            }
            (Some(_), false) => read(self, field).map_or(Setting::Unset, Setting::Value),
        }
    }

    /// An amount in major units, thousands separated or not, as minor units.
    fn amount(&mut self, field: &str) -> Option<i64> {
        let text = self.form.filled(field)?.replace(',', "");
        match self.currency.parse(&text) {
            Ok(amount) => Some(amount),
            Err(why) => {
                self.wrong(field, format!("“{text}” {why}."));
                None
            }
        }
    }

    fn percent(&mut self, field: &str) -> Option<Decimal> {
        let text = self.form.filled(field)?.trim_end_matches('%').trim();
        match Decimal::from_str_exact(text) {
            Ok(percent) => Some(percent),
            Err(_) => {
                self.wrong(field, format!("“{text}” is no percentage. Write it like 15 or 2.5."));
                None
            }
        }
    }

    fn whole(&mut self, field: &str) -> Option<i32> {
        let text = self.form.filled(field)?.replace(',', "");
        match text.parse() {
            Ok(number) => Some(number),
            Err(_) => {
                self.wrong(field, format!("“{text}” is no whole number."));
                None
            }
        }
    }

    /// Yes, no, or inherited.
    fn switch(&mut self, field: &str) -> Option<bool> {
        match self.form.value(field) {
            "yes" => Some(true),
            "no" => Some(false),
            "" => None,
            _ => {
                self.wrong(field, "Choose one of the three.");
                None
            }
        }
    }
}

/// Fills a field with a box for "explicitly none".
fn fill<T>(form: &mut FormState, field: &str, setting: &Setting<T>, text: impl FnOnce(&T) -> String) {
    match setting {
        Setting::Unset => {}
        Setting::ExplicitNone => form.set(&format!("{field}.none"), "on"),
        Setting::Value(value) => form.set(field, text(value)),
    }
}

fn switch_text(switch: Option<bool>) -> &'static str {
    match switch {
        None => "",
        Some(true) => "yes",
        Some(false) => "no",
    }
}
